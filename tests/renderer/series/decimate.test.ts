import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimate } from '../../../renderer/series/decimate.ts';
import { SeriesView } from '../../../renderer/series/series-view.ts';
import { columnsOf, rowsOf, type Row } from './columns-of.ts';

/** Sorted rows; some are breaks, some buckets, some doubtful. */
const rows = fc
  .array(
    fc.record({
      step: fc.integer({ min: 1, max: 40 }),
      value: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: -50, max: 50 }) },
        { weight: 1, arbitrary: fc.constant(Number.NaN) },
      ),
      height: fc.integer({ min: 0, max: 9 }),
      quality: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 600 },
  )
  .map((steps) => {
    let t = 1000;
    return steps.map(({ step, value, height, quality }): Row => {
      t += step;
      return [t, value, value + height, Number.isNaN(value) ? 3 : Math.min(quality, 2)];
    });
  });

/** The same, slowly: rows of the window and one beyond each border, then one pixel at a time. */
function bruteForce(source: Row[], from: number, to: number, pixels: number): Row[] {
  const width = (to - from) / pixels;
  const anchor = Math.floor(from / width) * width;
  const inside = source.filter((row) => row[0] >= anchor && row[0] < to);
  const before = source.filter((row) => row[0] < anchor).slice(-1);
  const after = source.filter((row) => row[0] >= to).slice(0, 1);
  const kept = [...before, ...inside, ...after];
  if (kept.length <= 2 * pixels + 2) return kept;
  const buckets = Map.groupBy(kept, (row) => Math.floor(row[0] / width));
  const out: Row[] = [];
  for (const bucket of buckets.values()) {
    const values = bucket.filter((row) => !Number.isNaN(row[1]));
    const [first] = values;
    if (!first) continue;
    const previous = kept.findLast((row) => row[0] < first[0] && !Number.isNaN(row[1]));
    const hole = kept.find((row) => row[0] < first[0] && row[0] > (previous?.[0] ?? -Infinity));
    if (previous && hole && first[0] - previous[0] > width) out.push(hole);
    out.push([
      first[0],
      Math.min(...values.map((row) => row[1])),
      Math.max(...values.map((row) => row[2])),
      Math.max(...values.map((row) => row[3])),
    ]);
  }
  return out;
}

describe('decimate', () => {
  it('keeps of each pixel what a search through all rows keeps', () => {
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: 900, max: 12_000 }),
        fc.integer({ min: 50, max: 9000 }),
        fc.integer({ min: 1, max: 120 }),
        (source, from, span, pixels) => {
          const view = new SeriesView();
          decimate(columnsOf(source), from, from + span, pixels, view);
          expect(rowsOf(view)).toEqual(bruteForce(source, from, from + span, pixels));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('lets one reading among a million be seen', () => {
    const count = 1_000_000;
    const t = Float64Array.from({ length: count }, (_, index) => index * 100);
    const value = new Float64Array(count).fill(20);
    value[777_777] = 95;
    value[123_456] = -40;
    const view = new SeriesView();
    const q = new Uint8Array(count);
    q[777_777] = 2;
    decimate({ t, lo: value, hi: value, q, start: 0, end: count }, 0, count * 100, 1000, view);
    const drawn = rowsOf(view);
    expect(drawn.length).toBeLessThanOrEqual(1002);
    expect(Math.max(...drawn.map((row) => row[2]))).toBe(95);
    expect(Math.min(...drawn.map((row) => row[1]))).toBe(-40);
    expect(drawn.filter((row) => row[3] === 2)).toHaveLength(1);
  });

  it('does not let the line shiver while the window moves by a part of a pixel', () => {
    const source = columnsOf(
      Array.from({ length: 5000 }, (_, index): Row => [
        index * 7,
        Math.sin(index) * 10,
        Math.sin(index) * 10,
        0,
      ]),
    );
    const [a, b] = [new SeriesView(), new SeriesView()];
    decimate(source, 7000, 28_000, 100, a);
    decimate(source, 7090, 28_090, 100, b);
    const inner = (view: SeriesView) => rowsOf(view).filter((row) => row[0] > 8000 && row[0] < 27_000);
    expect(inner(b)).toEqual(inner(a));
  });
});
