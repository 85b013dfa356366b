import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MusterError } from '../../src/shared/errors.ts';
import { decodeBatch, encodeBatch, type BatchColumns } from '../../src/shared/batch.ts';

const columns = fc
  .array(
    fc.record({
      value: fc.double(),
      deltaUs: fc.integer({ min: 0, max: 0xffffffff }),
      channel: fc.integer({ min: 0, max: 0xffffffff }),
      quality: fc.integer({ min: 0, max: 255 }),
    }),
    { maxLength: 200 },
  )
  .chain((rows) =>
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((baseMs): BatchColumns => ({
      baseMs,
      value: Float64Array.from(rows, (r) => r.value),
      deltaUs: Uint32Array.from(rows, (r) => r.deltaUs),
      channel: Uint32Array.from(rows, (r) => r.channel),
      quality: Uint8Array.from(rows, (r) => r.quality),
    })),
  );

describe('a batch', () => {
  it('comes back as it went, wherever its bytes lie in a buffer', () => {
    fc.assert(
      fc.property(columns, fc.integer({ min: 0, max: 9 }), (before, shift) => {
        const bytes = encodeBatch(before);
        const moved = new Uint8Array(bytes.length + shift);
        moved.set(bytes, shift);
        expect(decodeBatch(moved.subarray(shift))).toEqual(before);
      }),
    );
  });

  it('is refused when any byte is missing or added', () => {
    fc.assert(
      fc.property(columns, fc.nat(), (before, at) => {
        const bytes = encodeBatch(before);
        expect(() => decodeBatch(bytes.subarray(0, at % bytes.length))).toThrow(/batch/);
        expect(() => decodeBatch(new Uint8Array([...bytes, 0]))).toThrow(/batch/);
      }),
    );
  });

  it('never trusts a length field or crashes on rubbish', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (rubbish) => {
        rubbish.set([0x4d, 0x42, 1].slice(0, rubbish.length));
        const outcome = ((): unknown => {
          try {
            return decodeBatch(rubbish).value.length * 17 + 16;
          } catch (error) {
            return (error as MusterError).code;
          }
        })();
        expect([rubbish.length, 'BAD_FRAME']).toContain(outcome);
      }),
    );
  });
});
