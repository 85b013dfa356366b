/**
 * A time as text, fast: neighbours in an export share their minute, and a zone's offset holds for a quarter of an
 * hour. Both clocks are given with their offset, so that the hour which a zone lives twice in autumn stays two.
 */
import { MusterError } from '../../shared/errors.ts';

/** Every UTC offset in use changes on a boundary of 15 minutes. */
const QUARTER_MS = 900_000;
/** RFC 3339 knows four digits of a year. */
const MIN_MS = -62_167_219_200_000;
const MAX_MS = 253_402_300_799_999;

/** The zone of this machine, an IANA name. */
export function machineZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** 00 … 99 */
const TWO = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'));

/** Writes times of one export. Throws BAD_INPUT {zone} for a zone that is not known. */
export class TimeText {
  readonly #zone: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();
  #minute = Number.NaN;
  #utc = '';
  #local = '';
  #offset = '';

  constructor(zone: string) {
    try {
      this.#zone = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    } catch (cause) {
      throw new MusterError('BAD_INPUT', `there is no time zone ${zone}`, { zone }, cause);
    }
  }

  /** `2026-05-03T12:00:00.123Z,2026-05-03T14:00:00.123+02:00,1777809600123`, ms cut off, not rounded. */
  columns(t: number): string {
    const ms = Math.min(MAX_MS, Math.max(MIN_MS, Math.floor(t)));
    const minute = Math.floor(ms / 60_000);
    if (minute !== this.#minute) this.#turn(minute);
    const rest = ms - minute * 60_000;
    const second = Math.floor(rest / 1000);
    const left = rest - second * 1000;
    const digits = left < 10 ? `00${left}` : left < 100 ? `0${left}` : `${left}`;
    const tail = `${TWO[second]}.${digits}`;
    return `${this.#utc}${tail}Z,${this.#local}${tail}${this.#offset},${ms}`;
  }

  #turn(minute: number): void {
    this.#minute = minute;
    const offset = this.#offsetMinutes(minute * 60_000);
    this.#utc = toMinute(minute * 60_000);
    this.#local = toMinute(Math.min(MAX_MS, Math.max(MIN_MS, (minute + offset) * 60_000)));
    const size = Math.abs(offset);
    this.#offset = `${offset < 0 ? '-' : '+'}${TWO[Math.floor(size / 60)]}:${TWO[size % 60]}`;
  }

  #offsetMinutes(ms: number): number {
    const quarter = Math.floor(ms / QUARTER_MS);
    let minutes = this.#offsets.get(quarter);
    if (minutes === undefined) {
      minutes = parseOffset(this.#zone.format(ms));
      if (this.#offsets.size > 100_000) this.#offsets.clear();
      this.#offsets.set(quarter, minutes);
    }
    return minutes;
  }
}

/** Minutes of "5/3/2026, GMT+02:00"; "GMT" alone is UTC. Seconds of times before 1900 are left out. */
function parseOffset(text: string): number {
  const match = /GMT([+-])(\d\d):(\d\d)/.exec(text);
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

/** `2026-05-03T12:00:` */
function toMinute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 17);
}
