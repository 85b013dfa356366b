import { expect, it } from 'vitest';
import { correctionText } from '../../src/shared/calibration-text.ts';

it.each([
  [1, 0.4, 'temperature', '+0.4 °C'],
  [1, -0.1 - 0.2, 'temperature', '−0.3 °C'],
  [1.02, 0, 'temperature', '× 1.02'],
  [1.005_050_505, -0.402_020_202, 'humidity', '× 1.00505 − 0.40202 %'],
  [-2, 14, 'signal', '× −2 + 14'],
  [1, 0, 'temperature', '+0 °C'],
] as const)('a correction by × %d and %d of %s is told as "%s"', (scale, offset, quantity, words) => {
  const text = correctionText({ scale, offset, by: 'Ada', at: '2026-05-03' }, quantity);
  expect(text.replaceAll('\u00a0', ' ')).toBe(words);
});
