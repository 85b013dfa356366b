import { describe, expect, it } from 'vitest';
import { readingAt } from '../../../renderer/series/reading-at.ts';
import { columnsOf } from './columns-of.ts';

describe('readingAt', () => {
  const view = columnsOf([
    [0, 1, 1, 0],
    [10, 2, 2, 0],
    [20, Number.NaN, Number.NaN, 0],
    [50, 3, 3, 0],
  ]);

  it('finds the nearest value within reach', () => {
    expect(readingAt(view, 4, 10)).toBe(0);
    expect(readingAt(view, 6, 10)).toBe(1);
    expect(readingAt(view, 47, 10)).toBe(3);
    expect(readingAt(view, 55, 10)).toBe(3);
  });

  it('finds none in a break, nor beyond its reach', () => {
    expect(readingAt(view, 22, 10)).toBe(-1);
    expect(readingAt(view, 38, 10)).toBe(-1);
    expect(readingAt(view, 61, 10)).toBe(-1);
    expect(readingAt(columnsOf([]), 0, 10)).toBe(-1);
  });
});
