import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ColumnRing } from '../../../renderer/series/ring.ts';
import { rowsOf } from './columns-of.ts';

describe('ColumnRing', () => {
  it('holds what an array would hold: the newest rows in order of time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.tuple(fc.integer({ min: -2, max: 5 }), fc.double(), fc.integer({ min: 0, max: 3 })), {
          maxLength: 2000,
        }),
        (capacity, steps) => {
          const ring = new ColumnRing(capacity);
          const model: [number, number, number, number][] = [];
          let time = 0;
          let taken = 0;
          for (const [step, value, quality] of steps) {
            time += step;
            const newer = time > (model.at(-1)?.[0] ?? -Infinity);
            expect(ring.push(time, value, quality)).toBe(newer);
            if (!newer) continue;
            taken++;
            model.push([time, value, value, quality]);
            if (model.length > capacity) model.shift();
          }
          expect(rowsOf(ring.columns())).toEqual(model);
          expect(ring.length).toBe(model.length);
          expect(ring.dropped + ring.length).toBe(taken);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps its memory bounded', () => {
    const ring = new ColumnRing(500);
    for (let t = 0; t < 100_000; t++) ring.push(t, t, 0);
    expect(ring.columns().t.length).toBeLessThanOrEqual(1000);
    expect(rowsOf(ring.columns()).map((row) => row[0])).toEqual(
      Array.from({ length: 500 }, (_, index) => 99_500 + index),
    );
  });
});
