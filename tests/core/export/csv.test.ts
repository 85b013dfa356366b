import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOCK_WORDS, type Piece } from '../../../src/core/archive/walk.ts';
import { CSV_COLUMNS, CSV_HEADER, csvLines, textCell, valueText } from '../../../src/core/export/csv.ts';
import { TimeText } from '../../../src/core/export/csv-time.ts';
import type { Channel } from '../../../src/shared/engine-contract.ts';
import { qualityName, type CalibrationInfo } from '../../../src/shared/reading.ts';
import { channelInfo } from '../../support/fake-device.ts';
import { parseCsv } from '../../support/parse-csv.ts';

function channel(more: Partial<Channel> = {}): Channel {
  const { index: _, ...info } = channelInfo(0);
  return { ...info, id: 1, device: 'd', last: null, ...more };
}

const row = fc.record({
  t: fc.double({ min: 0, max: 4e12, noNaN: true }),
  value: fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 1e4),
  quality: fc.integer({ min: 0, max: 3 }),
  clock: fc.nat(CLOCK_WORDS.length - 1),
  calibration: fc.nat(1),
});
const calibration = fc.record({
  scale: fc.double({ min: 0.001, max: 1000, noNaN: true }),
  // there is one zero in a file
  offset: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((n) => n + 0),
  by: fc.string({ minLength: 1 }).map(undefused),
  at: fc.constant('2026-05-03'),
});

/** From the last four cells of a line. */
function readCalibration([scale, offset, by, at]: string[]): CalibrationInfo | null {
  if (scale === '' && offset === '' && by === '' && at === '') return null;
  return { scale: Number(scale), offset: Number(offset), by: undefused(by!), at: at! };
}

/** Without the apostrophe of a guarded formula; who wrote one before it looks the same. */
function undefused(text: string): string {
  return text.replace(/^'(?=[=+\-@\t\r])/, '');
}

describe('the CSV of readings', () => {
  it('parses back to what went in', () => {
    const words = fc.record({
      device: fc.string(),
      sensor: fc.string({ unit: 'binary' }),
      channel: fc.string(),
    });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1 }),
        words,
        fc.string(),
        calibration,
        (rows, names, deviceName, facts) => {
          const piece: Piece = {
            t: Float64Array.from(rows, (r) => r.t),
            value: Float64Array.from(rows, (r) => (r.quality === 3 ? Number.NaN : r.value)),
            quality: Uint8Array.from(rows, (r) => r.quality),
            clock: Uint8Array.from(rows, (r) => r.clock),
            calibration: Uint16Array.from(rows, (r) => r.calibration),
            calibrations: [null, facts],
          };
          const text =
            CSV_HEADER + csvLines(piece, channel(names), deviceName, new TimeText('Europe/Berlin'));
          const [header, ...parsed] = parseCsv(text);
          expect(header).toEqual(CSV_COLUMNS);
          expect(parsed).toHaveLength(rows.length);
          for (const [i, cells] of parsed.entries()) {
            const r = rows[i]!;
            const ms = Math.floor(r.t);
            expect(cells[0]).toBe(new Date(ms).toISOString());
            expect(Date.parse(cells[1]!)).toBe(ms);
            expect(Number(cells[2])).toBe(ms);
            const told = [names.device, deviceName, names.sensor, names.channel, 'Cel'].map(undefused);
            expect(cells.slice(3, 8).map(undefused)).toEqual(told);
            expect(cells[8] === '' ? null : Number(cells[8])).toBe(r.quality === 3 ? null : r.value + 0);
            expect(cells.slice(9, 11)).toEqual([qualityName(r.quality), CLOCK_WORDS[r.clock]]);
            expect(readCalibration(cells.slice(11))).toEqual(r.calibration === 1 ? facts : null);
          }
        },
      ),
    );
  });

  it('writes values short, exact where it matters and without the noise of binary arithmetic', () => {
    expect(valueText(0.1 + 0.2, 2)).toBe('0.3');
    expect(valueText(21.537291823764512, 2)).toBe('21.5372918');
    expect(valueText(1.5e-7, 3)).toBe('1.5e-7');
    expect(valueText(1e-12, 3)).toBe('1e-12');
    expect(valueText(123_456_789_012, 0)).toBe('123456789012');
    expect(valueText(9_007_199_254_740_991, 0)).toBe('9007199254740991');
    expect(valueText(-0, 1)).toBe('0');
    expect(valueText(-1013.25, 2)).toBe('-1013.25');
    expect(valueText(Number.NaN, 2)).toBe('');
  });

  it('gives back every number that has no more digits than nine, or two more than the channel shows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -999_999_999, max: 999_999_999 }),
        fc.integer({ min: 0, max: 12 }),
        (n, power) => {
          const value = n / 10 ** power;
          expect(Number(valueText(value, 0))).toBe(value + 0);
        },
      ),
    );
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 0, max: 9 }), (n, decimals) => {
        const value = n / 10 ** Math.min(decimals + 2, 9);
        expect(Number(valueText(value, decimals))).toBe(value + 0);
      }),
    );
  });

  it('keeps an error in a noisy number under a hundredth of what the channel shows', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.integer({ min: 0, max: 6 }),
        (v, decimals) => {
          expect(Math.abs(Number(valueText(v, decimals)) - v)).toBeLessThanOrEqual(0.00501 * 10 ** -decimals);
        },
      ),
    );
  });

  it('leaves plain text alone', () => {
    expect(textCell('Greenhouse 2')).toBe('Greenhouse 2');
    expect(textCell('a,b "c"')).toBe('"a,b ""c"""');
    expect(textCell('')).toBe('');
  });
});

describe('times', () => {
  it('tell the two hours of a DST fold apart', () => {
    const time = new TimeText('Europe/Berlin');
    const first = Date.UTC(2026, 9, 25, 0, 30);
    const local = (ms: number) => time.columns(ms).split(',')[1];
    expect(local(first)).toBe('2026-10-25T02:30:00.000+02:00');
    expect(local(first + 3_600_000)).toBe('2026-10-25T02:30:00.000+01:00');
  });

  it('know zones of odd offsets and offsets west', () => {
    const at = Date.UTC(2026, 0, 1);
    expect(new TimeText('Asia/Kathmandu').columns(at)).toContain('2026-01-01T05:45:00.000+05:45');
    expect(new TimeText('America/St_Johns').columns(at)).toContain('2025-12-31T20:30:00.000-03:30');
    expect(new TimeText('UTC').columns(at)).toContain('2026-01-01T00:00:00.000+00:00');
  });

  it('cut a millisecond off, never round it into the next second', () => {
    expect(new TimeText('UTC').columns(1999.9996)).toBe(
      '1970-01-01T00:00:01.999Z,1970-01-01T00:00:01.999+00:00,1999',
    );
    expect(new TimeText('UTC').columns(-0.5)).toContain('1969-12-31T23:59:59.999Z');
  });

  it('refuse a zone that does not exist', () => {
    expect(() => new TimeText('Moon/Base')).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }));
  });
});
