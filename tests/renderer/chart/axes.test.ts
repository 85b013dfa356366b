import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapWords } from '../../../renderer/chart/gap-words.ts';
import { timeTickLabels } from '../../../renderer/chart/time-ticks.ts';
import { includeValues, rangeToShow } from '../../../renderer/chart/value-range.ts';
import { valueTickLabels } from '../../../renderer/chart/value-ticks.ts';
import { columnsOf } from '../series/columns-of.ts';

const MIDNIGHT = Date.UTC(2026, 10, 22, 23, 0, 0) / 1000;

describe('timeTickLabels', () => {
  it('tells the clock in the given zone and the day where a new one begins', () => {
    const ticks = [MIDNIGHT - 7200, MIDNIGHT - 3600, MIDNIGHT, MIDNIGHT + 3600];
    expect(timeTickLabels(ticks, 3600, 'Europe/Berlin')).toEqual([
      '22:00',
      '23:00',
      '00:00\n23 Nov',
      '01:00',
    ]);
  });

  it('tells seconds and their parts where the ticks need them', () => {
    expect(timeTickLabels([MIDNIGHT, MIDNIGHT + 30], 30, 'UTC')).toEqual(['23:00:00', '23:00:30']);
    expect(timeTickLabels([MIDNIGHT, MIDNIGHT + 0.5], 0.5, 'UTC')).toEqual(['23:00:00.0', '23:00:00.5']);
  });

  it('tells days, months and the year where it changes', () => {
    const day = 86_400;
    const eve = Date.UTC(2026, 11, 31) / 1000;
    expect(timeTickLabels([eve, eve + day], day, 'UTC')).toEqual(['31 Dec', '1 Jan\n2027']);
    expect(timeTickLabels([eve], 31 * day, 'UTC')).toEqual(['Dec']);
  });
});

describe('valueTickLabels', () => {
  it('tells any two neighbours apart', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -6, max: 10 }),
        fc.constantFrom(1, 2, 2.5, 5),
        fc.integer({ min: -40, max: 40 }),
        fc.constantFrom('temperature' as const, 'data' as const),
        (power, factor, first, quantity) => {
          const step = factor * 10 ** (quantity === 'data' ? Math.abs(power) : power);
          const ticks = Array.from({ length: 6 }, (_, index) => (first + index) * step);
          expect(new Set(valueTickLabels(ticks, step, quantity)).size).toBe(6);
        },
      ),
    );
  });

  it('writes steps whole and sizes with their unit', () => {
    expect(valueTickLabels([0, 0.25, 0.5], 0.25, 'load')).toEqual(['0.00', '0.25', '0.50']);
    expect(valueTickLabels([101_290, 101_300], 10, 'pressure')).toEqual(['101,290', '101,300']);
    expect(valueTickLabels([230_000_000, 232_500_000], 2_500_000, 'data')).toEqual([
      '230.0\u00a0MB',
      '232.5\u00a0MB',
    ]);
  });
});

describe('rangeToShow', () => {
  const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

  it('holds all values, and at least ten steps of the last decimal', () => {
    fc.assert(
      fc.property(finite, finite, fc.integer({ min: 0, max: 4 }), (a, b, decimals) => {
        const data = { min: Math.min(a, b), max: Math.max(a, b) };
        const range = rangeToShow(data, decimals, null);
        expect(range.min).toBeLessThanOrEqual(data.min);
        expect(range.max).toBeGreaterThanOrEqual(data.max);
        expect(range.max - range.min).toBeGreaterThanOrEqual(10 ** (1 - decimals) * 0.999);
      }),
    );
  });

  it('stands still while the values stay inside and fill half of it, and follows them else', () => {
    const shown = { min: 0, max: 10 };
    expect(rangeToShow({ min: 1, max: 9 }, 1, shown)).toBe(shown);
    expect(rangeToShow({ min: 1, max: 11 }, 1, shown).max).toBeGreaterThan(11);
    expect(rangeToShow({ min: 4, max: 5 }, 1, shown).max).toBeLessThan(6);
    expect(rangeToShow({ min: Infinity, max: -Infinity }, 1, shown)).toBe(shown);
  });

  it('does not put an axis below zero under what is never negative', () => {
    expect(rangeToShow({ min: 0.01, max: 0.9 }, 2, null).min).toBe(0);
  });

  it('looks only at the values of the time shown', () => {
    const range = { min: Infinity, max: -Infinity };
    includeValues(
      columnsOf([
        [0, -99, 99, 0],
        [10, 1, 2, 0],
        [20, Number.NaN, Number.NaN, 0],
        [30, 0, 3, 0],
        [40, 77, 77, 0],
      ]),
      5,
      35,
      range,
    );
    expect(range).toEqual({ min: 0, max: 3 });
  });
});

describe('gapWords', () => {
  it('says how long and why', () => {
    expect(gapWords({ from: 0, to: 480_000, reason: 'device-off' })).toBe(
      'No readings for 8\u00a0min. The device was off or restarting.',
    );
  });
});
