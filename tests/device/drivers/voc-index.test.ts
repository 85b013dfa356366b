/**
 * The index against the sequence with which its makers test theirs (gas-index-algorithm 3.2.1,
 * python-wrapper/tests/data/voc.csv, © 2022 Sensirion AG, BSD-3-Clause as in voc-index.ts). Theirs is of the version with
 * fixed point, for which their own test of another version allows one either way.
 */
import { describe, expect, it } from 'vitest';
import { VocIndex } from '../../../device/drivers/sgp40/voc-index.ts';

/** Two digits of each signal: 200 over 20,000, 200 over 17,000, 200 over 20,000 again. */
const SIGNALS = [
  [
    20_000,
    `
    19 04 13 01 01 46 16 35 34 09 27 15 29 39 48 46 01 07 33 46 27 15 25 12 38 26 19 45 37 15 38 44 22
    30 32 17 25 47 31 48 12 45 25 15 47 04 05 05 37 01 31 43 26 31 28 47 14 06 32 08 07 23 28 05 36 33
    30 34 09 14 05 12 28 24 49 07 42 24 43 04 45 21 07 48 40 18 40 33 35 45 45 27 23 24 42 49 43 03 09
    16 06 19 46 38 22 11 15 36 47 02 02 25 01 27 06 29 24 08 30 03 49 36 06 36 36 46 17 11 17 40 19 15
    41 44 24 28 33 17 26 07 03 01 39 42 36 22 16 46 18 16 37 34 18 18 46 05 01 33 35 07 01 19 11 47 48
    37 16 11 02 47 07 32 49 39 04 36 12 16 32 42 04 12 23 46 09 18 38 19 44 06 09 41 26 10 25 39 24 13
    26 21
    `,
  ],
  [
    17_000,
    `
    31 27 45 24 31 10 31 22 06 39 48 49 32 43 40 37 08 20 07 49 35 08 05 45 44 39 44 36 13 21 43 30 47
    33 35 26 25 39 45 14 01 29 43 32 12 10 08 03 41 28 29 43 10 43 22 18 29 26 28 24 20 48 46 11 44 35
    38 16 43 40 10 46 04 40 03 24 10 35 21 13 13 47 10 05 49 34 18 05 45 44 18 20 04 36 34 13 33 35 31
    23 06 41 16 19 39 15 13 14 18 02 36 34 33 47 09 20 16 03 09 10 34 01 42 24 38 10 36 14 20 19 48 36
    47 24 47 48 37 06 31 40 24 35 48 37 20 02 18 08 41 48 24 29 14 20 39 18 39 40 35 38 36 18 23 17 36
    24 16 29 47 20 25 34 07 07 20 38 47 01 24 06 37 35 21 41 38 42 18 16 46 33 14 49 27 32 45 40 02 45
    21 14
    `,
  ],
  [
    20_000,
    `
    21 27 39 11 26 10 09 02 47 30 37 40 13 49 03 41 17 38 03 45 31 27 49 33 47 17 26 44 42 11 14 22 36
    32 13 10 37 35 09 06 33 37 39 25 46 01 40 49 29 40 26 13 21 14 49 18 03 10 07 21 17 47 40 23 31 42
    07 46 43 13 24 23 22 04 42 46 42 42 04 23 44 47 34 05 05 02 16 03 35 45 36 38 16 03 19 40 47 06 32
    48 27 07 30 03 28 22 01 38 26 49 47 46 20 29 02 30 26 26 26 30 06 08 32 31 21 48 30 04 47 02 12 43
    11 43 38 34 28 33 26 20 06 38 28 16 30 13 42 10 15 02 41 49 13 25 41 32 02 44 02 33 10 21 06 45 43
    33 08 32 17 10 32 34 44 40 22 17 29 30 03 44 26 17 43 12 31 35 13 28 47 33 08 39 36 07 44 24 19 15
    07 12
    `,
  ],
] as const;
/** From which signal on what is published. */
const PUBLISHED = [
  [1, 0],
  [47, 98],
  [197, 99],
  [231, 100],
  [423, 99],
  [505, 100],
] as const;

/** The index after each of `count` signals. */
function run(voc: VocIndex, count: number, signal: (n: number) => number): number[] {
  return Array.from({ length: count }, (_, n) => voc.process(signal(n)));
}

const HOUR = 3600;

describe('the VOC index', () => {
  it('is what its makers publish for their test sequence', () => {
    const signals = SIGNALS.flatMap(([over, digits]) =>
      digits
        .trim()
        .split(/\s+/)
        .map((two) => over + Number(two)),
    );
    expect(signals).toHaveLength(600);
    const voc = new VocIndex(1);
    for (const [n, signal] of signals.entries()) {
      const wanted = PUBLISHED.findLast(([from]) => from <= n + 1)?.[1] ?? Number.NaN;
      const got = voc.process(signal);
      expect(Math.abs(got - wanted), `signal ${n + 1}: ${got} for ${wanted}`).toBeLessThanOrEqual(
        wanted === 0 ? 0 : 1,
      );
    }
  });

  it('is 100 after 200 signals of 1337, as in their test', () => {
    expect(run(new VocIndex(1), 201, () => 1337).at(-1)).toBe(100);
  });

  it('is not there for 45 s, whatever the interval', () => {
    expect(run(new VocIndex(1), 47, () => 30_000).findIndex((index) => index > 0)).toBe(46);
    expect(run(new VocIndex(10), 10, () => 30_000).findIndex((index) => index > 0)).toBe(5);
  });

  it('rises when the signal falls, falls when it rises, and comes back to 100', () => {
    const voc = new VocIndex(1);
    const air = (n: number): number => 30_000 + 20 * Math.sin(n / 7);
    expect(run(voc, HOUR, air).at(-1)).toBeGreaterThanOrEqual(98);
    expect(run(voc, 300, (n) => air(n) - 1500).at(-1)).toBeGreaterThan(400);
    expect(run(voc, HOUR, air).at(-1)).toBeLessThan(115);
    expect(run(voc, 300, (n) => air(n) + 300).at(-1)).toBeLessThan(60);
  });

  it('learns little from bad air: what was average before is so after an hour of it', () => {
    const voc = new VocIndex(1);
    run(voc, 4 * HOUR, (n) => 30_000 + 20 * Math.sin(n / 7));
    const before = voc.states!;
    run(voc, HOUR, () => 27_000);
    expect(Math.abs(voc.states!.mean - before.mean)).toBeLessThan(30);
  });

  it('has states worth keeping after three hours, and goes on from them', () => {
    const voc = new VocIndex(1);
    run(voc, 3 * HOUR, () => 30_000);
    expect(voc.states).toBeNull();
    run(voc, 60, () => 30_000);
    expect(voc.states?.mean).toBeCloseTo(10_000, 0);
    const after = new VocIndex(1, voc.states);
    // without them the first index is 1: nothing is known of the air
    expect(run(after, 47, () => 30_000).at(-1)).toBe(100);
    expect(run(new VocIndex(1), 47, () => 30_000).at(-1)).toBe(1);
  });

  it('takes no nonsense for a signal', () => {
    const voc = new VocIndex(1);
    run(voc, 600, () => 30_000);
    expect(run(voc, 60, (n) => (n % 2 === 0 ? 0 : 65_535)).at(-1)).toBe(100);
  });
});
