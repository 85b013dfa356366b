/** Register maps: numbers from registers in every order, questions for neighbours, and the words of a wrong map. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST } from '../../../device/bus/modbus/pdu.ts';
import { decodeNumber, ORDERS, rangeOf, TYPES, wordsOf } from '../../../device/drivers/modbus-map/decode.ts';
import { modbusMap } from '../../../device/drivers/modbus-map/modbus-map.ts';
import { registerMap } from '../../../device/drivers/modbus-map/options.ts';
import { planQuestions } from '../../../device/drivers/modbus-map/plan.ts';
import { createSimModbus } from '../../../device/sim/sim-modbus.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { driverBench } from '../../support/driver-bench.ts';

/** Bytes of a number, highest first, as DataView writes it. */
function bytesOf(value: number, type: (typeof TYPES)[number]): number[] {
  const view = new DataView(new ArrayBuffer(2 * wordsOf(type)));
  if (type === 'f32') view.setFloat32(0, value);
  else if (type === 'f64') view.setFloat64(0, value);
  else if (wordsOf(type) === 4) view.setBigInt64(0, BigInt.asIntN(64, BigInt(value)));
  else if (wordsOf(type) === 2) view.setInt32(0, value);
  else view.setInt16(0, value);
  return [...new Uint8Array(view.buffer)];
}

const pairs = (bytes: readonly number[]): number[] =>
  Array.from(
    { length: bytes.length / 2 },
    (_, i) => ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number),
  );

describe('numbers in registers', () => {
  it('lie as the names of the orders say', () => {
    // 0xAABBCCDD
    const expected = {
      ABCD: [0xaabb, 0xccdd],
      CDAB: [0xccdd, 0xaabb],
      BADC: [0xbbaa, 0xddcc],
      DCBA: [0xddcc, 0xbbaa],
    };
    for (const order of ORDERS) expect(decodeNumber(expected[order], 'u32', order)).toBe(0xaabbccdd);
    expect(decodeNumber([0x4366, 0x8000], 'f32', 'ABCD')).toBe(230.5);
    expect(decodeNumber([0xff38], 's16', 'ABCD')).toBe(-200);
  });

  it('come back as they were, in each type and order', () => {
    const number = fc.constantFrom(...TYPES).chain((type) => {
      const [low, high] = rangeOf(type);
      const value = type.startsWith('f')
        ? type === 'f32'
          ? fc.float({ noNaN: true })
          : fc.double({ noNaN: true })
        : fc.maxSafeInteger().map((n) => Math.min(high, Math.max(low, n)));
      return fc.record({ type: fc.constant(type), value, order: fc.constantFrom(...ORDERS) });
    });
    fc.assert(
      fc.property(number, ({ type, value, order }) => {
        const bytes = bytesOf(value, type);
        const swapped =
          order === 'BADC' || order === 'DCBA' ? bytes.map((_, i) => bytes[i ^ 1] as number) : bytes;
        const words = pairs(swapped);
        if (order === 'CDAB' || order === 'DCBA') words.reverse();
        expect(decodeNumber(words, type, order)).toBe(value);
      }),
    );
  });
});

describe('questions', () => {
  const place = fc.oneof(
    fc.record({
      table: fc.constantFrom('holding' as const, 'input' as const),
      address: fc.integer({ min: 0, max: 300 }),
      count: fc.constantFrom(1, 2, 4),
    }),
    fc.record({
      table: fc.constant('coil' as const),
      address: fc.integer({ min: 0, max: 5000 }),
      count: fc.constant(1),
    }),
  );

  it('bring every value once, within the bounds of one question, and nothing that nobody wants', () => {
    fc.assert(
      fc.property(
        fc.array(place, { maxLength: 60 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 4, max: 125 }),
        (places, gap, most) => {
          const questions = planQuestions(places, { gap, most });
          expect(questions.flatMap(({ brings }) => brings).toSorted((a, b) => a - b)).toEqual(
            places.map((_, i) => i),
          );
          for (const { table, address, count, brings } of questions) {
            expect(count).toBeLessThanOrEqual(table === 'coil' ? MOST.coil : most);
            const wanted = new Set<number>();
            for (const i of brings) {
              const its = places[i] as (typeof places)[number];
              expect(its.table).toBe(table);
              expect(its.address >= address && its.address + its.count <= address + count).toBe(true);
              for (let n = 0; n < its.count; n++) wanted.add(its.address + n);
            }
            let unused = 0;
            for (let at = address; at < address + count; at++) {
              unused = wanted.has(at) ? 0 : unused + 1;
              expect(unused).toBeLessThanOrEqual(gap);
            }
          }
        },
      ),
    );
  });

  it('are one for neighbours', () => {
    const at = (address: number) => ({ table: 'input' as const, address, count: 2 });
    expect(planQuestions([at(4), at(0), at(2)], { gap: 0, most: 125 })).toMatchObject([
      { address: 0, count: 6, brings: [1, 2, 0] },
    ]);
    expect(planQuestions([at(0), at(4)], { gap: 0, most: 125 })).toHaveLength(2);
    expect(planQuestions([at(0), at(4)], { gap: 2, most: 125 })).toHaveLength(1);
  });
});

describe('a map', () => {
  const row = { channel: 'a', quantity: 'signal', address: 0 };

  it.each([
    [
      'a quantity that is none',
      { channels: [{ ...row, quantity: 'weight' }] },
      /options\.channels\.0\.quantity/,
    ],
    ['a channel twice', { channels: [row, row] }, /options\.channels: names a channel twice/],
    ['a type of a coil', { channels: [{ ...row, table: 'coil', type: 'u16' }] }, /a coil is one bit/],
    ['a bit of a float', { channels: [{ ...row, bit: 3, type: 'f32' }] }, /a bit has no type/],
    [
      'a number beyond the last register',
      { channels: [{ ...row, address: 65_535, type: 'u32' }] },
      /beyond 65535/,
    ],
    ['a scale of nothing', { channels: [{ ...row, scale: 0 }] }, /must not be 0/],
    ['an unknown word', { units: 3 }, /Unrecognized key: "units"/],
  ])('with %s is refused', (_, options, words) => {
    expect(() => registerMap(options)).toThrow(words);
  });

  it('without a value to read fails when it is opened', async () => {
    await expect(driverBench(modbusMap, { sim: 'meter' }).open()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('options.channels'),
    });
  });

  it('believes what its type can hold, scaled', () => {
    const { values } = registerMap({
      channels: [
        { ...row, type: 's16', scale: -0.5 },
        { ...row, channel: 'b', bit: 3 },
      ],
    });
    expect(values.map(({ declared }) => declared.plausible)).toEqual([
      [-16_383.5, 16_384],
      [0, 1],
    ]);
  });

  it('reads bits, and leaves out what the device says is no value', async () => {
    const clock = new FakeClock();
    const bus = createSimModbus(
      'plant',
      [
        { chip: 'meter', unit: 1 },
        { chip: 'relays', unit: 2 },
      ] as never,
      clock,
    );
    bus.chip(1)?.hold('temperature', 512.5);
    bus.chip(2)?.hold('contact', 1);
    const read = async (options: Record<string, unknown>) => {
      const context = { bus, address: 0, options, machine: undefined as never, clock };
      const values = new Float64Array(modbusMap.channels(context).length);
      await (await modbusMap.open(context)).read(values, new Uint8Array(values.length));
      return [...values];
    };
    // 5125 is 0b1010000000101
    const bits = [0, 1, 2, 10, 12].map((bit) => ({
      quantity: 'state',
      channel: `bit ${bit}`,
      address: 0,
      bit,
    }));
    expect(await read({ channels: bits })).toEqual([1, 0, 1, 1, 1]);
    expect(
      await read({
        unit: 2,
        channels: [{ quantity: 'state', channel: 'door', table: 'discrete', address: 0 }],
      }),
    ).toEqual([1]);
    expect(
      await read({ channels: [{ channel: 't', quantity: 'temperature', address: 0, none: 5125 }] }),
    ).toEqual([Number.NaN]);
  });
});
