/**
 * Readings as CSV in long format: one reading a line, RFC 4180 with LF ends, UTF-8. Pure.
 *
 * Numbers: a value is written in the fewest digits that give back the same number, as long as that needs at most
 * two decimals more than the channel shows or nine significant digits, whichever is more; digits beyond are noise
 * of binary arithmetic (0.30000000000000004) and are rounded off. Whole numbers are always whole.
 * A calibrated value has its four facts behind it; what the chip said is (value - offset) / scale. They are written
 * with all their digits, and are empty where nothing was corrected.
 * Text that a spreadsheet would take for a formula gets a leading apostrophe (CWE-1236); numbers never do.
 */
import type { Channel } from '../../shared/engine-contract.ts';
import { qualityByte, qualityName, type CalibrationInfo } from '../../shared/reading.ts';
import { CLOCK_WORDS, type Piece } from '../archive/walk.ts';
import type { TimeText } from './csv-time.ts';

export const CSV_COLUMNS = [
  'time_utc',
  'time_local',
  'epoch_ms',
  'device',
  'device_name',
  'sensor',
  'channel',
  'unit',
  'value',
  'quality',
  'clock',
  'scale',
  'offset',
  'calibrated_by',
  'calibrated_at',
] as const;

/** The first line. */
export const CSV_HEADER = `${CSV_COLUMNS.join(',')}\n`;

const MISSING = qualityByte('missing');
const FORMULA = /^[=+\-@\t\r]/;
const SPECIAL = /[",\r\n]/;

/** A text cell: defused, quoted where it must be. */
export function textCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A value as text; empty for a missing one. `decimals`: what the channel shows. */
export function valueText(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '';
  const size = Math.abs(value);
  if (size === 0) return '0';
  /** Digits before the point; below 1, less one for each zero behind it. */
  const whole = Math.floor(Math.log10(size)) + 1;
  if (whole > 15 || whole < -7) return `${Number(value.toPrecision(whole > 15 ? 17 : 9))}`;
  const places = Math.min(Math.max(decimals + 2, 9 - whole), 15 - whole);
  const scale = 10 ** places;
  return `${Math.round(value * scale) / scale}`;
}

/** The lines of a piece. */
export function csvLines(piece: Piece, channel: Channel, deviceName: string, time: TimeText): string {
  const { t, value, quality, clock, calibration } = piece;
  const middle = `,${[channel.device, deviceName, channel.sensor, channel.channel, channel.unit].map(textCell).join(',')},`;
  const ends = piece.calibrations.map((facts) => {
    const end = calibrationCells(facts);
    return CLOCK_WORDS.map((name) => [0, 1, 2, 3].map((q) => `,${qualityName(q)},${name},${end}\n`));
  });
  let out = '';
  for (let i = 0; i < t.length; i++) {
    const q = quality[i]!;
    const text = q === MISSING ? '' : valueText(value[i]!, channel.decimals);
    out += time.columns(t[i]!) + middle + text + ends[calibration[i]!]![clock[i]!]![q]!;
  }
  return out;
}

function calibrationCells(facts: CalibrationInfo | null): string {
  if (!facts) return ',,,';
  const { scale, offset, by, at } = facts;
  return `${scale},${offset},${textCell(by)},${textCell(at)}`;
}
