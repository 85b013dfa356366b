import { describe, expect, it } from 'vitest';
import { verdictWords } from '../../src/shared/clock-words.ts';

describe('what became of a laptop’s time', () => {
  it('says by how much the readings moved, and which way', () => {
    expect(verdictWords('taken', 86_400_000)).toBe(
      'The device took this laptop’s time, and the times of its readings moved 86,400 s forward.',
    );
    expect(verdictWords('taken', -12_340)).toMatch(/moved 12\.3 s back\.$/);
  });

  it('does not speak of a move that nobody sees', () => {
    expect(verdictWords('taken', 40)).toBe('The device took this laptop’s time.');
  });
});
