import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { below, numberIn, saidIn } from '../../../../device/drivers/mqtt/said.ts';

const said = (text: string): unknown => saidIn(Buffer.from(text));

describe('what a payload says', () => {
  it.each<[string, unknown]>([
    ['{"a":1}', { a: 1 }],
    ['21.5', 21.5],
    [' 21.5\n', 21.5],
    ['ON', 'ON'],
    ['Offline', 'Offline'],
    ['true', true],
    ['', ''],
    ['{"a":', undefined],
    ['[1,', undefined],
  ])('%s', (text, wanted) => {
    expect(said(text)).toEqual(wanted);
  });

  it('is nothing in bytes that are no text, or too many', () => {
    expect(saidIn(Uint8Array.of(0xff, 0xfe, 0x00))).toBeUndefined();
    expect(saidIn(new Uint8Array(100_000).fill(0x31))).toBeUndefined();
  });

  it.each<[unknown, number]>([
    [21.5, 21.5],
    ['21.5', 21.5],
    ['-3e2', -300],
    ['ON', 1],
    ['off', 0],
    [true, 1],
    ['closed', 0],
    ['12 °C', Number.NaN],
    ['0x10', Number.NaN],
    ['', Number.NaN],
    ['constructor', Number.NaN],
    [null, Number.NaN],
    [{}, Number.NaN],
    ['1e999', Number.NaN],
  ])('%j as a number', (value, wanted) => {
    expect(numberIn(value)).toBe(wanted);
  });

  it('never makes a number that is not finite of anything, wherever one looks', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        fc.array(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'length', '0'))),
        (bytes, keys) => {
          const number = numberIn(below(saidIn(bytes), keys));
          expect(Number.isFinite(number) || Number.isNaN(number)).toBe(true);
        },
      ),
    );
  });
});
