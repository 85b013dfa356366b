/** How far times can be believed: runs of one device in wall time, whatever their clocks said. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWithin, overlapsOf, spansOf } from '../../../src/core/archive/spans.ts';
import { CLOCK_SOURCES } from '../../../src/shared/reading.ts';

const run = fc.record({
  offsetMs: fc.integer({ min: 0, max: 50 }),
  clock: fc.constantFrom(...CLOCK_SOURCES),
  t0: fc.integer({ min: 0, max: 30 }).map((ms) => ms * 1000),
  t1: fc.integer({ min: 30, max: 60 }).map((ms) => ms * 1000),
});
type Lived = Parameters<typeof overlapsOf>[0][number];

/** How many runs lie strictly around `t`. */
const depth = (runs: readonly Lived[], t: number) =>
  runs.filter((r) => r.offsetMs + r.t0! / 1000 < t && t < r.offsetMs + r.t1! / 1000).length;

describe('spans', () => {
  it('flag exactly the times that two runs claim', () => {
    fc.assert(
      fc.property(fc.array(run, { maxLength: 6 }), (runs) => {
        const overlaps = overlapsOf(runs);
        for (let t = 0.5; t < 120; t++) expect(isWithin(overlaps, t)).toBe(depth(runs, t) >= 2);
        for (const [i, { from, to }] of overlaps.entries()) {
          expect(from).toBeLessThan(to);
          expect(from).toBeGreaterThan(overlaps[i - 1]?.to ?? -1);
        }
      }),
    );
  });

  it('flag nothing where runs follow each other, and have no place for a run without readings', () => {
    const runs: Lived[] = [
      { offsetMs: 0, clock: 'none', t0: 0, t1: 1000 },
      { offsetMs: 0, clock: 'ntp', t0: 1000, t1: 2000 },
      { offsetMs: 0, clock: 'ntp', t0: null, t1: null },
    ];
    expect(overlapsOf(runs)).toEqual([]);
    expect(spansOf('d', runs, { from: 0, to: 10, pixels: 10 })).toEqual([
      { device: 'd', from: 0, to: 1, clock: 'none', overlaps: false },
      { device: 'd', from: 1, to: 2, clock: 'ntp', overlaps: false },
    ]);
  });

  it('join runs of one source that are closer than a pixel, and leave out what the window does not touch', () => {
    const runs: Lived[] = Array.from({ length: 1000 }, (_, i) => ({
      offsetMs: i * 1000,
      clock: 'none',
      t0: 0,
      t1: 990_000,
    }));
    expect(spansOf('d', runs, { from: 100_000, to: 900_000, pixels: 100 })).toEqual([
      { device: 'd', from: 100_000, to: 900_990, clock: 'none', overlaps: false },
    ]);
    expect(spansOf('d', runs, { from: 100_000, to: 103_000, pixels: 3000 })).toHaveLength(4);
    expect(spansOf('d', runs, { from: 2e9, to: 3e9, pixels: 100 })).toEqual([]);
  });
});
