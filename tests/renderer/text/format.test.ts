import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatDay,
  formatDuration,
  formatNames,
  formatTime,
  formatValue,
} from '../../../renderer/text/format.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('values', () => {
  it.each([
    [23.44, 'temperature', undefined, '23.4 °C'],
    [23.44, 'temperature', 2, '23.44 °C'],
    [-0.04, 'temperature', undefined, '-0.0 °C'],
    [101_325, 'pressure', undefined, '101,325 Pa'],
    [0.5, 'load', undefined, '0.50'],
    [2_000_000, 'data', undefined, '2 MB'],
    [90, 'duration', undefined, '1 min 30 s'],
    [Number.NaN, 'humidity', undefined, 'no value'],
  ] as const)('%d of %s is %s', (value, quantity, decimals, text) => {
    expect(plain(formatValue(value, quantity, decimals))).toBe(text);
  });
});

describe('sizes and counts', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1234, '1.2 kB'],
    [96_400_000, '96 MB'],
    [999_600_000, '1 GB'],
    [24_700_000_000, '25 GB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(plain(formatBytes(bytes))).toBe(text);
  });

  it('never shows four digits before a unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e14, noNaN: true }), (bytes) => {
        expect(formatBytes(bytes)).toMatch(/^(?:\d{1,3}|\d\.\d)\u00a0(?:B|kB|MB|GB|TB)$/);
      }),
    );
  });

  it.each([
    [0, '0 rows'],
    [1, '1 row'],
    [12_345, '12,345 rows'],
    [1_234_567, '1.2 million rows'],
    [2_000_000_000, '2 billion rows'],
  ])('%d rows are %s', (count, text) => {
    expect(formatCount(count, 'row')).toBe(text);
  });
});

describe('times', () => {
  it.each([
    [0, '0 s'],
    [440, '0.4 s'],
    [3000, '3 s'],
    [250_000, '4 min 10 s'],
    [240_000, '4 min'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
    [-5, '0 s'],
  ])('%d ms last %s', (ms, text) => {
    expect(plain(formatDuration(ms))).toBe(text);
  });

  it.each([
    [500, 'now'],
    [-60_000, 'now'],
    [12_000, '12 s ago'],
    [61_000, '1 min ago'],
    [7_200_000, '2 h ago'],
    [90_000_000, 'yesterday'],
    [260_000_000, '3 days ago'],
  ])('%d ms back is %s', (ms, text) => {
    expect(plain(formatAgo(1_000_000_000_000 - ms, 1_000_000_000_000))).toBe(text);
  });

  it('says the zone behind every time', () => {
    const at = Date.UTC(2026, 4, 3, 12, 5, 9);
    expect(formatTime(at, 'UTC')).toBe('3 May 2026, 12:05:09 UTC');
    expect(formatTime(at, 'Europe/Berlin')).toMatch(/^3 May 2026, 14:05:09 (?:CEST|GMT\+2)$/);
  });

  it('says the year of a day only when it is another', () => {
    const now = Date.UTC(2026, 10, 22);
    expect(formatDay(Date.UTC(2026, 4, 3, 12), now)).toBe('3 May');
    expect(formatDay(Date.UTC(2025, 4, 3, 12), now)).toBe('3 May 2025');
  });
});

describe('names', () => {
  it.each([
    [['a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a', 'b', 'c'], 'a, b and c'],
    [['a', 'b', 'c', 'd', 'e'], 'a, b and 3 more'],
  ])('%j are %s', (names, text) => {
    expect(formatNames(names)).toBe(text);
  });
});
