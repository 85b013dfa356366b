import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FwupText } from '../../../src/core/nerves/fwup-text.ts';

const bar = (percent: number) =>
  `\r${String(percent).padStart(3)}% [====    ] 1.00 MB in / 2.00 MB out\b\b\b`;

function heard(pieces: string[]): FwupText {
  const text = new FwupText();
  for (const piece of pieces) text.push(piece);
  return text;
}

describe('what fwup says', () => {
  it('is read the same however it is cut', () => {
    const whole = `${bar(0)}${bar(7)}${bar(42)}\r\x1b[Kfwup: a warning\n${bar(100)}\nSuccess!\nElapsed time: 3.142 s\n`;
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
        const borders = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const text = heard(borders.slice(1).map((end, i) => whole.slice(borders[i], end)));
        expect(text.percent).toBe(100);
        expect(text.succeeded).toBe(true);
        expect(text.message).toBe('a warning');
      }),
    );
  });

  it('has the last percentage of each piece', () => {
    const text = heard([bar(3) + bar(9)]);
    expect(text.percent).toBe(9);
    text.push('nothing new');
    expect(text.percent).toBe(9);
    expect(text.succeeded).toBe(false);
  });

  it.each([
    ['Error: precheck failed: battery low\n', 'precheck failed: battery low'],
    [`${bar(3)}\r\x1b[Kfwup: Unexpected end of file\n`, 'Unexpected end of file'],
    ['fwup: one\nfwup: two\n', 'one; two'],
    ['', ''],
  ])('%j is told as %j', (said, message) => {
    expect(heard([said]).message).toBe(message);
  });

  it('is not taken for success where the word stands in a sentence', () => {
    expect(heard(['fwup: no Success! here\n']).succeeded).toBe(false);
  });

  it('is bounded', () => {
    const text = heard(Array.from({ length: 2000 }, () => 'x'.repeat(100)));
    expect(text.message.length).toBeLessThanOrEqual(300);
  });
});
