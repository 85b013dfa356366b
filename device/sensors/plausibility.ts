/** How far a value can be believed, from the value alone. Pure. */
import { qualityByte } from '../../src/shared/reading.ts';
import type { ChannelDeclaration } from '../drivers/driver.ts';

export const OK = qualityByte('ok');
export const SUSPECT = qualityByte('suspect');
/** Byte of a reading that is not there; its value is NaN. */
export const MISSING = qualityByte('missing');

/** `suspect` outside the declared plausible range, `missing` for what is no number. */
export function qualityOf(value: number, { plausible: [low, high] }: ChannelDeclaration): number {
  if (Number.isNaN(value)) return MISSING;
  return value >= low && value <= high ? OK : SUSPECT;
}
