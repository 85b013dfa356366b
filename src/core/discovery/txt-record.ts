/** TXT records of DNS-SD (RFC 6763 section 6) as a small map of clean text. Pure. */
import { printable } from './printable.ts';

const MAX_ENTRIES = 24;
const MAX_STRINGS = 256;
const MAX_VALUE = 200;
/** Printable US-ASCII without '=' is legal (6.4); what a device of ours or of Nerves sends is narrower. */
const KEY = /^[a-z0-9][a-z0-9_.-]{0,31}$/;

/**
 * Key and value of each `key=value` string. Keys are lower-cased, the first of two equal keys counts, a key
 * without '=' has an empty value, a string without a key is skipped (all RFC 6763 6.4). At most 24 entries of
 * at most 200 characters are kept, so that no announcement can fill the memory.
 */
export function parseTxt(strings: readonly Uint8Array[]): Record<string, string> {
  const found = new Map<string, string>();
  for (const bytes of strings.slice(0, MAX_STRINGS)) {
    if (found.size === MAX_ENTRIES) break;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    const equals = text.indexOf('=');
    const key = (equals < 0 ? text : text.slice(0, equals)).toLowerCase();
    if (!KEY.test(key) || found.has(key)) continue;
    found.set(key, equals < 0 ? '' : printable(text.slice(equals + 1), MAX_VALUE));
  }
  return Object.fromEntries(found);
}
