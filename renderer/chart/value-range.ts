/** The vertical range of a chart: room around the data, and no jumping while readings come in. Pure. */
import { lowerBound, type Columns } from '../series/columns.ts';

/** Smallest and largest value. */
export interface ValueRange {
  min: number;
  max: number;
}

/** Widens `range` by the values of `from…to`; an empty range is `{Infinity, -Infinity}`. */
export function includeValues(view: Columns, from: number, to: number, range: ValueRange): void {
  const end = lowerBound(view.t, to, view.start, view.end);
  for (let i = lowerBound(view.t, from, view.start, view.end); i < end; i++) {
    const low = view.lo[i] as number;
    const high = view.hi[i] as number;
    if (low < range.min) range.min = low;
    if (high > range.max) range.max = high;
  }
}

const PAD = 0.08;

/**
 * The range to show for `data`. Noise of the last decimal is not blown up to the whole height: the range spans at
 * least ten of the last decimal's steps. `shown`, the range of the frame before, is kept while the data is inside it
 * and fills at least half of it.
 */
export function rangeToShow(data: ValueRange, decimals: number, shown: ValueRange | null): ValueRange {
  if (data.min > data.max) return shown ?? { min: 0, max: 1 };
  const least = 10 ** (1 - decimals);
  const span = Math.max(data.max - data.min, least);
  if (
    shown &&
    data.min >= shown.min &&
    data.max <= shown.max &&
    (shown.max - shown.min) * 0.5 <= span * (1 + 2 * PAD)
  )
    return shown;
  const middle = (data.min + data.max) / 2;
  const half = span * (0.5 + PAD);
  const range = { min: middle - half, max: middle + half };
  // what is never negative does not get an axis below zero
  return data.min >= 0 && range.min < 0 ? { min: 0, max: Math.max(range.max, least) } : range;
}
