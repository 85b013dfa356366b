/** Wall time as a place has it: weekday and minute of the day, with summer time as the zone's rules say. */

/** A moment in a place. `weekday` 0 is Monday, `minute` counts from midnight, `second` within the minute. */
export interface LocalTime {
  weekday: number;
  minute: number;
  second: number;
}

/** No zone changes its offset within a quarter of an hour of UTC that begins on the quarter (tz database, theory.html). */
const QUARTER_MS = 900_000;
const DAY_MINUTES = 1440;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 3;
/** ECMA-262, 21.4.1.1: beyond this there are no dates. */
const LAST_MS = 8.64e15;

/** True for a name that this runtime knows: `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Reader of local times in a zone; null for a moment that no date can tell. Throws RangeError for an unknown zone. */
export function localTimes(timeZone: string): (wallMs: number) => LocalTime | null {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  let quarter = Number.NaN;
  let offsetMs = 0;

  /** What the place is ahead of UTC at the beginning of a quarter, ms. */
  function offsetAt(atMs: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(atMs)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute) - atMs;
  }

  return (wallMs) => {
    if (!(Math.abs(wallMs) <= LAST_MS - QUARTER_MS)) return null;
    const begun = Math.floor(wallMs / QUARTER_MS) * QUARTER_MS;
    if (begun !== quarter) {
      quarter = begun;
      offsetMs = offsetAt(begun);
    }
    const local = Math.floor((wallMs + offsetMs) / 1000);
    const minutes = Math.floor(local / 60);
    const days = Math.floor(minutes / DAY_MINUTES);
    return {
      weekday: (((days + FIRST_WEEKDAY) % 7) + 7) % 7,
      minute: minutes - days * DAY_MINUTES,
      second: local - minutes * 60,
    };
  };
}
