import { describe, expect, it } from 'vitest';
import { gapSpans } from '../../../renderer/series/gap-spans.ts';
import { columnsOf } from './columns-of.ts';

const NO = Number.NaN;

describe('gapSpans', () => {
  const view = columnsOf([
    [0, 1, 1, 0],
    [10, 1, 1, 0],
    [20, NO, NO, 0],
    [50, 1, 1, 0],
    [60, NO, NO, 3],
    [90, 1, 1, 0],
  ]);

  it('finds every break of the line and says when the sensor had no answer', () => {
    expect(gapSpans(view, [], 0, 100, 1, null)).toEqual([
      { from: 10, to: 50, reason: 'unknown' },
      { from: 50, to: 90, reason: 'missing' },
    ]);
  });

  it('takes the reason of the archive where it has one', () => {
    expect(gapSpans(view, [{ from: 11, to: 49, reason: 'device-off' }], 0, 100, 1, null)).toEqual([
      { from: 11, to: 49, reason: 'device-off' },
      { from: 50, to: 90, reason: 'missing' },
    ]);
  });

  it('hatches the silence at the end, clips to the window and leaves out what is too narrow to see', () => {
    expect(gapSpans(view, [], 30, 200, 25, { since: 90, reason: 'not-fetched' })).toEqual([
      { from: 50, to: 90, reason: 'missing' },
      { from: 90, to: 200, reason: 'not-fetched' },
    ]);
  });
});
