import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChannelSeries } from '../../../renderer/series/channel-series.ts';
import { SeriesView } from '../../../renderer/series/series-view.ts';
import { columnsOf, rowsOf, type Row } from './columns-of.ts';

const PERIOD = 10;

function drawn(series: ChannelSeries, from: number, to: number): Row[] {
  const view = new SeriesView();
  series.view(from, to, 100_000, view);
  return rowsOf(view);
}

describe('ChannelSeries', () => {
  it('shows every reading once, wherever the history ends and the tail begins', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 200 }),
        fc.nat(),
        fc.nat(),
        (steps, a, b) => {
          let t = 0;
          const readings = steps.map((step): Row => {
            t += step;
            return [t, t * 2, t * 2, 0];
          });
          // the tail is opened before the history is asked for: they overlap or at least touch
          const tailFrom = a % (readings.length + 1);
          const historyTo = tailFrom + (b % (readings.length + 1 - tailFrom));
          const series = new ChannelSeries(PERIOD);
          const taken = series.taken;
          for (const row of readings.slice(tailFrom, historyTo)) series.append(row[0], row[1], row[3]);
          series.setHistory({ columns: columnsOf(readings.slice(0, historyTo)), bucketMs: 0 }, taken);
          for (const row of readings.slice(historyTo)) series.append(row[0], row[1], row[3]);
          expect(drawn(series, 0, t + 1)).toEqual(readings);
          expect(series.needsHistory).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never shows a value outside what bucketed history and tail hold together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 20, maxLength: 200 }),
        fc.nat(),
        (values, cut) => {
          const readings = values.map((value, index): Row => [index * PERIOD, value, value, 0]);
          const tailFrom = cut % readings.length;
          const buckets: Row[] = [];
          for (let i = 0; i < readings.length; i += 4) {
            const bucket = readings.slice(i, i + 4).map((row) => row[1]);
            buckets.push([i * PERIOD, Math.min(...bucket), Math.max(...bucket), 0]);
          }
          const series = new ChannelSeries(PERIOD);
          for (const row of readings.slice(tailFrom)) series.append(row[0], row[1], 0);
          series.setHistory({ columns: columnsOf(buckets), bucketMs: 4 * PERIOD }, 0);
          const view = new SeriesView();
          series.view(0, readings.length * PERIOD, Math.ceil(readings.length / 4), view);
          const rows = rowsOf(view);
          expect(Math.min(...rows.map((row) => row[1]))).toBe(Math.min(...values));
          expect(Math.max(...rows.map((row) => row[2]))).toBe(Math.max(...values));
          expect(rows.map((row) => row[0])).toEqual(rows.map((row) => row[0]).toSorted((x, y) => x - y));
        },
      ),
    );
  });

  it('breaks the line after a silence of more than 2.5 periods, and only then', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 100 }), (steps) => {
        const series = new ChannelSeries(PERIOD);
        let t = 0;
        const times = steps.map((step) => (t += step));
        for (const time of times) series.append(time, 1, 0);
        const rows = drawn(series, 0, t);
        const breaks = rows.filter((row) => Number.isNaN(row[1])).map((row) => row[0]);
        const silences = times.flatMap((time, index) => {
          const next = times[index + 1];
          return next !== undefined && next - time > 25 ? [(time + next) / 2] : [];
        });
        expect(breaks).toEqual(silences);
        expect(rows.filter((row) => !Number.isNaN(row[1])).map((row) => row[0])).toEqual(times);
      }),
    );
  });

  it('keeps a missing reading as a break with its quality', () => {
    const series = new ChannelSeries(PERIOD);
    series.append(0, 1, 0);
    series.append(10, Number.NaN, 3);
    series.append(20, 1, 2);
    expect(drawn(series, 0, 30)).toEqual([
      [0, 1, 1, 0],
      [10, Number.NaN, Number.NaN, 3],
      [20, 1, 1, 2],
    ]);
    expect(series.last).toEqual({ at: 20, value: 1, quality: 2 });
  });

  it('asks for history again when the tail dropped what the history does not hold', () => {
    const series = new ChannelSeries(PERIOD, 100);
    for (let i = 0; i < 50; i++) series.append(i * PERIOD, 1, 0);
    series.setHistory({ columns: columnsOf([]), bucketMs: 0 }, series.taken);
    for (let i = 50; i < 150; i++) series.append(i * PERIOD, 1, 0);
    expect(series.needsHistory).toBe(false);
    series.append(1500, 1, 0);
    expect(series.needsHistory).toBe(true);
    series.setHistory({ columns: columnsOf([]), bucketMs: 0 }, series.taken);
    expect(series.needsHistory).toBe(false);
  });

  it('asks for history again after a reading out of order and after a reset', () => {
    const series = new ChannelSeries(PERIOD);
    series.append(100, 1, 0);
    series.append(100, 1, 0);
    expect(series.needsHistory).toBe(false);
    series.append(50, 1, 0);
    expect(series.needsHistory).toBe(true);
    series.setHistory({ columns: columnsOf([[50, 1, 1, 0]]), bucketMs: 0 }, series.taken);
    expect(drawn(series, 0, 200)).toEqual([
      [50, 1, 1, 0],
      [75, Number.NaN, Number.NaN, 0],
      [100, 1, 1, 0],
    ]);
    series.resetTail();
    expect(series.needsHistory).toBe(true);
    expect(drawn(series, 0, 200)).toEqual([[50, 1, 1, 0]]);
  });
});
