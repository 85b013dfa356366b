/**
 * Readings as others read them: SenML records (RFC 8428). Pure.
 * A reading that is missing has no number, and a record must have a value: it says so as a string. Quality and an
 * uncertain clock go in fields of our own, which a reader that does not know them leaves aside (section 4.4).
 */
import type { Reading } from './parcel.ts';

/** Media type of a pack in JSON (section 12.3.2). */
export const SENML_JSON = 'application/senml+json';

/** Times below this are relative to now (section 4.5.3): such a clock was never set, and no time is better than that. */
const ABSOLUTE_FROM_S = 2 ** 28;

/** A name of any characters in those of a SenML name, which topics take too (section 4.5.1): the others as `:` and two hexadecimal digits a byte. */
export function plainName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]/gu, (char) =>
    [...new TextEncoder().encode(char)].map((byte) => `:${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

/** The time of a reading in seconds, to the microsecond; left out where the clock cannot mean it. */
export function timeOf({ at }: Reading): { t?: number } {
  const t = Math.round(at * 1000) / 1e6;
  return t >= ABSOLUTE_FROM_S ? { t } : {};
}

/** What a reader has to know beyond value and time. Nothing when all is well. */
export function doubtsOf({ quality, clock }: Reading): { q?: string; c?: string } {
  return { ...(quality !== 'ok' && { q: quality }), ...(clock === 'none' && { c: clock }) };
}

/**
 * A pack of records, the device in the base name of the first: `urn:uuid:<device>/` and `<sensor>/<channel>`.
 * Fields of our own: `q`, the quality, where it is not ok; `c`: `none` where nobody had set the clock.
 */
export function senmlPack(device: string, readings: readonly Reading[]): string {
  const records = readings.map((reading, i) => {
    const { channel, value } = reading;
    return {
      ...(i === 0 && { bn: `urn:uuid:${device}/` }),
      n: `${plainName(channel.sensor)}/${plainName(channel.channel)}`,
      ...(channel.unit !== '' && { u: channel.unit }),
      ...timeOf(reading),
      ...(Number.isFinite(value) ? { v: value } : { vs: 'missing' }),
      ...doubtsOf(reading),
    };
  });
  return JSON.stringify(records);
}
