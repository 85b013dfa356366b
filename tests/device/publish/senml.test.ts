/** Readings as others read them: names, packs, messages. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { payloadOf } from '../../../device/publish/mqtt-sender.ts';
import type { Reading } from '../../../device/publish/parcel.ts';
import { plainName, senmlPack } from '../../../device/publish/senml.ts';
import { QUALITIES } from '../../../src/shared/reading.ts';

const channel = {
  index: 0,
  sensor: 'air',
  sensorName: 'Air',
  driver: 'sht4x',
  channel: 'temperature',
  quantity: 'temperature' as const,
  unit: 'Cel',
  decimals: 1,
  periodMs: 1000,
};
const reading = (over: Partial<Reading> = {}): Reading => ({
  channel,
  at: 1_763_848_320_123.456,
  clock: 'ntp',
  value: 21.5,
  quality: 'ok',
  ...over,
});
const names = fc
  .string({ minLength: 1, maxLength: 80, unit: 'binary' })
  .filter((text) => text.isWellFormed());

it('names hold only what SenML and a topic allow, and two names are never one', () => {
  fc.assert(
    fc.property(names, names, (a, b) => {
      expect(plainName(a)).toMatch(/^[A-Za-z0-9._:-]+$/);
      expect(plainName(a) === plainName(b)).toBe(a === b);
    }),
  );
});

it('a pack is RFC 8428: base name once, time in seconds, unit, value', () => {
  expect(JSON.parse(senmlPack('51f2', [reading(), reading({ value: 22 })]))).toEqual([
    { bn: 'urn:uuid:51f2/', n: 'air/temperature', u: 'Cel', t: 1763848320.123456, v: 21.5 },
    { n: 'air/temperature', u: 'Cel', t: 1763848320.123456, v: 22 },
  ]);
});

it('a pack can be read back: every number, quality and time that a clock can mean', () => {
  const readings = fc.record({
    at: fc.double({ min: 0, max: 4e12, noNaN: true }),
    value: fc.double(),
    quality: fc.constantFrom(...QUALITIES),
    clock: fc.constantFrom('ntp' as const, 'none' as const),
  });
  fc.assert(
    fc.property(fc.array(readings, { minLength: 1, maxLength: 20 }), (rows) => {
      const back = JSON.parse(senmlPack('d', rows.map(reading))) as Record<string, unknown>[];
      for (const [i, { at, value, quality, clock }] of rows.entries()) {
        const record = back[i] ?? {};
        // -0 is written as 0
        const number = value === 0 ? 0 : value;
        expect(record['v'] ?? record['vs']).toBe(Number.isFinite(value) ? number : 'missing');
        expect(record['q'] ?? 'ok').toBe(quality);
        expect(record['c'] ?? 'ntp').toBe(clock);
        // below 2^28 s a time would be relative to now
        const isAbsolute = at >= 2 ** 28 * 1000;
        expect('t' in record).toBe(isAbsolute);
        expect(Number(record['t'] ?? 0)).toBeCloseTo(isAbsolute ? at / 1000 : 0, 5);
      }
    }),
  );
});

it('a message has the same fields in one object; a missing reading is null', () => {
  expect(JSON.parse(payloadOf(reading()))).toEqual({ t: 1763848320.123456, v: 21.5, u: 'Cel', q: 'ok' });
  expect(JSON.parse(payloadOf(reading({ value: Number.NaN, quality: 'missing', clock: 'none' })))).toEqual({
    t: 1763848320.123456,
    v: null,
    u: 'Cel',
    q: 'missing',
    c: 'none',
  });
});
