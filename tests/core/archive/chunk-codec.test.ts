import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BLOCK_ROWS,
  decodeBlocks,
  encodeBlocks,
  statistics,
} from '../../../src/core/archive/chunk-blocks.ts';
import { decodeChunk, encodeChunk, MAX_STEP_US, type Rows } from '../../../src/core/archive/chunk-codec.ts';

const decimal = fc
  .tuple(fc.integer({ min: -3_000_000, max: 3_000_000 }), fc.integer({ min: 0, max: 7 }))
  .map(([whole, power]) => whole / 10 ** power);
const value = (kind: number) =>
  kind === 0
    ? decimal
    : kind === 1
      ? fc.double({ noNaN: true, noDefaultInfinity: true })
      : fc.oneof(decimal, fc.double());

/** Rows as the archive makes them: ascending times, NaN exactly where missing. */
const rows = fc.integer({ min: 0, max: 2 }).chain((kind) =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 1e15 }),
      fc.array(
        fc.record({
          step: fc.oneof(fc.integer({ min: 0, max: 2_000_000 }), fc.integer({ min: 0, max: MAX_STEP_US })),
          value: value(kind),
          quality: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 3 })),
        }),
        { minLength: 1, maxLength: 700 },
      ),
    )
    .map(([start, list]): Rows => {
      let t = start;
      const finite = list.map((r) => (Number.isFinite(r.value) ? r : { ...r, quality: 3 }));
      return {
        us: Float64Array.from(finite, (r, i) => (t += i === 0 ? 0 : r.step)),
        value: Float64Array.from(finite, (r) => (r.quality === 3 ? Number.NaN : r.value)),
        quality: Uint8Array.from(finite, (r) => r.quality),
      };
    }),
);

describe('a chunk', () => {
  it('comes back bit for bit', () => {
    fc.assert(
      fc.property(rows, (before) => {
        const after = decodeChunk(encodeChunk(before));
        expect(after.us).toEqual(before.us);
        expect(after.quality).toEqual(before.quality);
        // toEqual tells 0 from -0 and takes NaN as NaN.
        expect(after.value).toEqual(before.value);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses times that go back or leap too far', () => {
    for (const us of [
      [5, 4],
      [0, MAX_STEP_US + 1],
    ])
      expect(() =>
        encodeChunk({ us: Float64Array.from(us), value: new Float64Array(2), quality: new Uint8Array(2) }),
      ).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });

  it('is refused by name when its bytes are damaged', () => {
    const bytes = encodeChunk({
      us: Float64Array.of(1, 2),
      value: Float64Array.of(1, 2),
      quality: new Uint8Array(2),
    });
    expect(() => decodeChunk(bytes.subarray(0, 9))).toThrow(
      expect.objectContaining({ code: 'ARCHIVE_FAILED' }),
    );
    expect(() => decodeChunk(Uint8Array.of(1, 2, 3))).toThrow(
      expect.objectContaining({ code: 'ARCHIVE_FAILED' }),
    );
  });

  it('takes less than 4 bytes a reading for a thermometer with two decimals and a trembling clock', () => {
    const n = 8192;
    let seed = 1;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const bytes = encodeChunk({
      us: Float64Array.from({ length: n }, (_, i) => i * 1_000_000 + Math.round(random() * 1500)),
      value: Float64Array.from(
        { length: n },
        (_, i) => Math.round((20 + Math.sin(i / 500) + random() / 5) * 100) / 100,
      ),
      quality: new Uint8Array(n),
    });
    expect(bytes.length / n).toBeLessThan(4);
  });
});

describe('block statistics', () => {
  it('say of every block what its readings say', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const blocks = decodeBlocks(encodeBlocks(all));
        const n = all.us.length;
        const expected = Array.from({ length: Math.ceil(n / BLOCK_ROWS) }, (_, i) => {
          const from = i * BLOCK_ROWS;
          const to = Math.min(n, from + BLOCK_ROWS);
          const values = [...all.value.subarray(from, to)].filter((v) => !Number.isNaN(v));
          return {
            t0: all.us[from],
            t1: all.us[to - 1],
            n: to - from,
            missing: to - from - values.length,
            lo: values.length ? Math.min(...values) : Number.NaN,
            hi: values.length ? Math.max(...values) : Number.NaN,
            worst: Math.max(...all.quality.subarray(from, to)),
          };
        });
        // -0 and 0 are one value to a chart.
        const plain = (s: object) =>
          JSON.stringify(Object.entries(s).toSorted(([a], [b]) => a.localeCompare(b)));
        expect(blocks.map(plain)).toEqual(expected.map(plain));
        expect(statistics(all).n).toBe(n);
      }),
      { numRuns: 100 },
    );
  });
});
