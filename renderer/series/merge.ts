/**
 * One line out of two sources: history that was asked for, and the live tail that came meanwhile. They overlap,
 * since the tail is opened first: the same reading may come in both, and none may be lost between them.
 */
import { lowerBound, type Columns } from './columns.ts';
import type { SeriesView } from './series-view.ts';

/** A silence of more than this many periods breaks the line. */
export const SILENCE_PERIODS = 2.5;

/**
 * Writes the union of `history` and `tail` within `from…to` into `out`, and the nearest row beyond each border so
 * that a line reaches it. Rows of equal time are one reading. Before a tail row that comes more than `silenceMs`
 * after the last value a break is put; a row of the history may stand for up to `bucketMs` after its time, and
 * history brings its own breaks.
 */
export function mergeColumns(
  history: Columns,
  tail: Columns,
  from: number,
  to: number,
  silenceMs: number,
  bucketMs: number,
  out: SeriesView,
): void {
  out.clear();
  let h = firstRow(history, from);
  let l = firstRow(tail, from);
  const hEnd = endRow(history, to);
  const lEnd = endRow(tail, to);
  let knownTo = -Infinity;
  while (h < hEnd || l < lEnd) {
    const ht = h < hEnd ? (history.t[h] as number) : Infinity;
    const lt = l < lEnd ? (tail.t[l] as number) : Infinity;
    const t = Math.min(ht, lt);
    let lo = ht === t ? (history.lo[h] as number) : Number.NaN;
    let hi = ht === t ? (history.hi[h] as number) : Number.NaN;
    let q = ht === t ? (history.q[h] as number) : 0;
    if (lt === t) {
      const low = tail.lo[l] as number;
      const high = tail.hi[l] as number;
      // a value beats a break
      if (Number.isNaN(lo) || low < lo) lo = low;
      if (Number.isNaN(hi) || high > hi) hi = high;
      q = Math.max(q, tail.q[l] as number);
      if (knownTo > -Infinity && t - knownTo > silenceMs)
        out.push((knownTo + t) / 2, Number.NaN, Number.NaN, 0);
    }
    out.push(t, lo, hi, q);
    if (!Number.isNaN(lo)) knownTo = Math.max(knownTo, ht === t ? t + bucketMs : t);
    if (ht === t) h++;
    if (lt === t) l++;
  }
}

function firstRow(columns: Columns, from: number): number {
  return Math.max(columns.start, lowerBound(columns.t, from, columns.start, columns.end) - 1);
}

function endRow(columns: Columns, to: number): number {
  let end = lowerBound(columns.t, to, columns.start, columns.end);
  while (end < columns.end && columns.t[end] === to) end++;
  return Math.min(columns.end, end + 1);
}
