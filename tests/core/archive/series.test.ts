import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Archive } from '../../../src/core/archive/archive.ts';
import type { Window } from '../../../src/core/archive/series-plot.ts';
import type { Series } from '../../../src/core/archive/series.ts';
import { channelInfo, runInfo, wireBatch, type Row } from '../../support/fake-device.ts';
import { EVERYTHING, readingsOf, tempArchive } from '../../support/temp-archive.ts';

const T0 = 1_777_000_000_000;

/** Stores rows as one run each, in batches of `size`. */
async function fill(archive: Archive, runs: Row[][], size = 1000, periodMs = 1000): Promise<number> {
  const infos = runs.map((rows, i) =>
    runInfo(i + 1, {
      offsetMs: T0,
      lastBatch: Math.ceil(rows.length / size),
      channels: [channelInfo(0, { periodMs })],
    }),
  );
  await archive.noteRuns('d', infos, runs.length);
  for (const [r, rows] of runs.entries())
    for (let from = 0; from < rows.length; from += size) {
      const after = await archive.cursor('d');
      const batches = [wireBatch(r + 1, from / size + 1, rows.slice(from, from + size), true)];
      await archive.ingest('d', { after, batches, trimmedTo: null, runs: infos, takeStray: false });
    }
  return (await archive.channels('d'))[0]!.id;
}

const reading = (ms: number, value = 1, quality = 0): Row => ({ ms, channel: 0, value, quality });
const every = (from: number, to: number, step = 1000): Row[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => reading(from + i * step));

/** Every bucket against the readings it stands for: from its own t up to the next one's. */
async function expectExact(archive: Archive, series: Series, window: Window): Promise<void> {
  const { from, to, pixels } = window;
  const all = await readingsOf(archive, { ...EVERYTHING, from, to });
  expect(series.count).toBe(all.length);
  expect(series.t).toEqual(series.t.toSorted());
  const points = series.t.length;
  // A bucket is a pixel, and at most half a one more where a block of readings reaches over its edge.
  const reach = (points < all.length ? (1.5 * (to - from)) / pixels : 0) + 1e-3;
  const expected = { lo: new Float64Array(points), hi: new Float64Array(points), q: new Uint8Array(points) };
  const wrong: number[] = [];
  let at = 0;
  for (let i = 0; i < points; i++) {
    const first = at;
    while (at < all.length && all[at]!.t < (series.t[i + 1] ?? Infinity)) at++;
    const rows = all.slice(first, at);
    const values = rows.map((r) => r.value).filter((v) => !Number.isNaN(v));
    expected.lo[i] = values.length ? Math.min(...values) : Number.NaN;
    expected.hi[i] = values.length ? Math.max(...values) : Number.NaN;
    // A point without readings is the break in a silence.
    expected.q[i] = rows.length ? Math.max(...rows.map((r) => r.quality)) : 3;
    if (rows.length > 0 && (rows[0]!.t !== series.t[i] || rows.at(-1)!.t - rows[0]!.t > reach)) wrong.push(i);
  }
  expect(wrong).toEqual([]);
  expect(at).toBe(all.length);
  expect({ lo: series.lo, hi: series.hi, q: series.q }).toEqual(expected);
}

describe('a series', () => {
  it('gives few readings as they are', async () => {
    const archive = await tempArchive();
    const id = await fill(archive, [
      [reading(0, 5), reading(1000, 6, 1), reading(2000, Number.NaN, 3), reading(3000, 8)],
    ]);
    const { series, gaps } = await archive.series([id], { from: T0, to: T0 + 10_000, pixels: 100 });
    expect([...series[0]!.t]).toEqual([0, 1000, 2000, 3000].map((t) => T0 + t));
    expect([...series[0]!.lo]).toEqual([5, 6, Number.NaN, 8]);
    expect(series[0]!.hi).toEqual(series[0]!.lo);
    expect([...series[0]!.q]).toEqual([0, 1, 3, 0]);
    expect(gaps).toEqual([{ channel: id, from: T0 + 2000, to: T0 + 3000, reason: 'sensor-failed' }]);
  });

  it('is exact in every bucket, at every zoom, hot or sealed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            n: fc.integer({ min: 1, max: 9000 }),
            step: fc.integer({ min: 1, max: 3000 }),
            silence: fc.integer({ min: 1, max: 4_000_000 }),
            failing: fc.boolean(),
          }),
          { minLength: 1, maxLength: 5 },
        ),
        fc.integer(),
        fc.array(
          fc.record({
            from: fc.double({ min: -0.1, max: 1.1, noNaN: true }),
            span: fc.double({ min: 1e-4, max: 1.2, noNaN: true }),
            pixels: fc.integer({ min: 1, max: 1500 }),
          }),
          { minLength: 3, maxLength: 6 },
        ),
        fc.boolean(),
        async (stretches, seed, windows, twoRuns) => {
          const archive = await tempArchive();
          let ms = 0;
          let noise = (seed >>> 0) + 1;
          const rows = stretches.flatMap(({ n, step, silence, failing }) => {
            ms += silence;
            return Array.from({ length: n }, () => {
              noise = (noise * 48_271 + 11) % 2_147_483_647;
              ms += step;
              return failing
                ? reading(ms, Number.NaN, 3)
                : reading(ms, noise / 1000, noise % 50 === 0 ? 2 : 0);
            });
          });
          const half = twoRuns ? rows.length >> 1 : 0;
          const id = await fill(archive, twoRuns ? [rows.slice(0, half), rows.slice(half)] : [rows]);
          const end = ms;
          for (const { from, span, pixels } of windows) {
            const a = Math.round(T0 + from * end);
            const window = { from: a, to: a + Math.ceil(span * end), pixels };
            const { series } = await archive.series([id], window);
            expect(series[0]!.t.length).toBeLessThanOrEqual(pixels * 3 + 3);
            await expectExact(archive, series[0]!, window);
            await archive.seal();
          }
          await archive.close();
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  }, 120_000);

  it('draws a silence within a run as a gap nobody can explain', async () => {
    const archive = await tempArchive();
    const id = await fill(archive, [[...every(0, 10_000), ...every(30_000, 40_000)]]);
    for (const pixels of [1000, 4]) {
      const { series, gaps } = await archive.series([id], { from: T0, to: T0 + 40_000, pixels });
      expect(gaps).toEqual([{ channel: id, from: T0 + 10_000, to: T0 + 30_000, reason: 'unknown' }]);
      expect([...series[0]!.lo].filter((v) => Number.isNaN(v))).toHaveLength(1);
    }
  });

  it('says that the device was off between two runs, also when the range begins in the silence', async () => {
    const archive = await tempArchive();
    const id = await fill(archive, [every(0, 10_000), every(60_000, 70_000)]);
    const gap = { channel: id, from: T0 + 10_000, to: T0 + 60_000, reason: 'device-off' };
    for (const sealed of [false, true]) {
      if (sealed) await archive.seal();
      for (const [from, to] of [
        [0, 70_000],
        [20_000, 65_000],
        [5000, 30_000],
      ])
        expect((await archive.series([id], { from: T0 + from!, to: T0 + to!, pixels: 50 })).gaps).toEqual([
          gap,
        ]);
    }
  });

  it('says that the journal was trimmed', async () => {
    const archive = await tempArchive();
    const run = runInfo(1, { offsetMs: T0, lastBatch: 9, channels: [channelInfo(0)] });
    await archive.noteRuns('d', [run], 1);
    const deliver = (after: number | null, batch: number, rows: Row[], trimmedTo: number | null) =>
      archive.ingest('d', {
        after: after === null ? null : { run: 1, batch: after },
        batches: [wireBatch(1, batch, rows)],
        trimmedTo: trimmedTo === null ? null : { run: 1, batch: trimmedTo },
        runs: [run],
        takeStray: false,
      });
    await deliver(null, 1, every(0, 10_000), null);
    await deliver(1, 8, every(90_000, 100_000), 7);
    const [channel] = await archive.channels('d');
    const { gaps } = await archive.series([channel!.id], { from: T0, to: T0 + 100_000, pixels: 500 });
    expect(gaps).toEqual([
      { channel: channel!.id, from: T0 + 10_000, to: T0 + 90_000, reason: 'journal-trimmed' },
    ]);
  });

  it('keeps quiet about silences narrower than a pixel, and about channels it does not know', async () => {
    const archive = await tempArchive();
    const id = await fill(archive, [[...every(0, 9000, 10), ...every(10_000, 19_000, 10)]], 1000, 10);
    expect((await archive.series([id], { from: T0, to: T0 + 19_000, pixels: 2000 })).gaps).toHaveLength(1);
    expect((await archive.series([id], { from: T0, to: T0 + 19_000, pixels: 10 })).gaps).toEqual([]);
    const { series } = await archive.series([4711], { from: T0, to: T0 + 1000, pixels: 10 });
    expect(series).toMatchObject([{ channel: 4711, count: 0 }]);
  });
});
