/**
 * Fewer rows, nothing hidden: of all rows that fall on one pixel the smallest and the largest value are kept, so a
 * spike of one reading among millions is still drawn.
 */
import { lowerBound, type Columns } from './columns.ts';
import type { SeriesView } from './series-view.ts';

const MISSING = 3;

/**
 * Writes rows `from…to` of `source` into `out`, at most about two a pixel, and the nearest row beyond each border.
 * Up to two rows a pixel are copied as they are. More are put into buckets of one pixel, whose borders are whole
 * multiples of their width, so that a moving window does not make the line shiver; a bucket stands at the time of
 * its first value with the worst quality of its values. A break that is narrower than a pixel is left out.
 */
export function decimate(source: Columns, from: number, to: number, pixels: number, out: SeriesView): void {
  out.clear();
  const width = (to - from) / Math.max(1, pixels);
  const first = lowerBound(source.t, Math.floor(from / width) * width, source.start, source.end);
  const last = lowerBound(source.t, to, source.start, source.end);
  const start = Math.max(source.start, first - 1);
  const end = Math.min(source.end, last + 1);
  if (end - start <= 2 * pixels + 2) copyRows(source, start, end, out);
  else fillBuckets(source, start, end, width, out);
}

function copyRows(source: Columns, start: number, end: number, out: SeriesView): void {
  const rows = end - start;
  out.reserve(rows);
  out.t.set(source.t.subarray(start, end));
  out.lo.set(source.lo.subarray(start, end));
  out.hi.set(source.hi.subarray(start, end));
  out.q.set(source.q.subarray(start, end));
  out.end = rows;
}

function fillBuckets(source: Columns, start: number, end: number, width: number, out: SeriesView): void {
  const { t, lo, hi, q } = source;
  let lastValue = Number.NaN;
  let broken = -1;
  let row = start;
  while (row < end) {
    const border = (Math.floor((t[row] as number) / width) + 1) * width;
    const bucketEnd = Math.max(row + 1, lowerBound(t, border, row, end));
    let low = Infinity;
    let high = -Infinity;
    let worst = 0;
    // the one loop over every reading: comparisons with NaN are false, so breaks change nothing
    for (let i = row; i < bucketEnd; i++) {
      const bottom = lo[i] as number;
      const top = hi[i] as number;
      const quality = q[i] as number;
      if (bottom < low) low = bottom;
      if (top > high) high = top;
      if (quality > worst && quality < MISSING) worst = quality;
    }
    let firstValue = row;
    while (firstValue < bucketEnd && Number.isNaN(lo[firstValue])) firstValue++;
    let newest = bucketEnd - 1;
    while (newest > firstValue && Number.isNaN(lo[newest])) newest--;
    if (firstValue === bucketEnd) {
      if (broken < 0) broken = row;
    } else {
      const at = t[firstValue] as number;
      if (firstValue > row && broken < 0) broken = row;
      if (broken >= 0 && at - lastValue > width)
        out.push(t[broken] as number, Number.NaN, Number.NaN, q[broken] as number);
      out.push(at, low, high, worst);
      lastValue = t[newest] as number;
      broken = newest + 1 < bucketEnd ? newest + 1 : -1;
    }
    row = bucketEnd;
  }
}
