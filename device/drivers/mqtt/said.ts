/** What a payload says: JSON or a plain word, and numbers found in it. Pure. */

/** More is no device's word, bytes. */
const LONGEST = 64 * 1024;

/** A payload as JSON, or as its text where it is none; undefined where it is neither. */
export function saidIn(payload: Uint8Array): unknown {
  if (payload.length > LONGEST) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload).trim();
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return /^[[{"]/.test(text) ? undefined : text;
  }
}

/** What stands below keys; undefined where nothing does. Never what an object inherits. */
export function below(said: unknown, keys: readonly string[]): unknown {
  let here = said;
  for (const key of keys) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

/** Words for two states. */
const WORDS = new Map([
  ['on', 1],
  ['off', 0],
  ['true', 1],
  ['false', 0],
  ['open', 1],
  ['closed', 0],
  ['close', 0],
]);
/** A plain decimal number; `0x10` and `12 °C` are none. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** The number that something said is, 1 and 0 for states; NaN where it is none. */
export function numberIn(said: unknown): number {
  if (typeof said === 'boolean') return Number(said);
  if (typeof said === 'number') return Number.isFinite(said) ? said : Number.NaN;
  if (typeof said !== 'string' || said.length > 60) return Number.NaN;
  const word = said.trim();
  const number = NUMBER.test(word) ? Number(word) : Number.NaN;
  return Number.isFinite(number) ? number : (WORDS.get(word.toLowerCase()) ?? Number.NaN);
}

/** A word, a number or a truth value as text; empty where it is something else. */
export function textIn(said: unknown): string {
  if (typeof said === 'string') return said;
  return typeof said === 'number' || typeof said === 'boolean' ? String(said) : '';
}
