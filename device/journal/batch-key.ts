/** A batch's place as one number, so that batches are a table in the order of their keys and an append touches its end only. */
import type { Cursor } from '../../src/shared/reading.ts';

/** Numbers of batches in a run: 2^32 last 34 years at four a second; 2^21 runs keep a key exact in a double. */
export const RUN_KEYS = 2 ** 32;

/** Key of a place; larger for a later one. */
export function keyOf({ run, batch }: Cursor): number {
  return run * RUN_KEYS + Math.min(batch, RUN_KEYS - 1);
}

/** The place of a key. */
export function placeOf(key: number): Cursor {
  return { run: Math.floor(key / RUN_KEYS), batch: key % RUN_KEYS };
}
