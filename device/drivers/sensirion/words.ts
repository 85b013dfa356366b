/**
 * How Sensirion's chips talk: commands of one or two bytes, words of 16 bits, high byte first, each followed by its
 * checksum (SHT3x-DIS data sheet, section 4; SCD4x data sheet, section 3). Shared by the drivers of those chips.
 */
import { MusterError } from '../../../src/shared/errors.ts';
import { crc8 } from '../../bus/crc8.ts';
import { unsigned16 } from '../big-endian.ts';

/** Bytes of an answer of `words` words. */
export function lengthOf(words: number): number {
  return 3 * words;
}

/** The words of an answer. Throws DRIVER_CHECKSUM when one of them is not what was sent. */
export function checkedWords(bytes: Uint8Array): number[] {
  const damaged = damagedWord(bytes);
  if (damaged >= 0)
    throw new MusterError('DRIVER_CHECKSUM', `word ${damaged} of the answer fails its checksum`, {});
  return Array.from({ length: wordsIn(bytes) }, (_, word) => unsigned16(bytes, lengthOf(word)));
}

/** True when there are words in `bytes`, each with its checksum. */
export function isChecked(bytes: Uint8Array): boolean {
  return wordsIn(bytes) > 0 && damagedWord(bytes) < 0;
}

/** A two-byte command with its words. */
export function command(code: number, ...words: number[]): Uint8Array {
  const bytes = [code >> 8, code & 0xff];
  for (const word of words) {
    const pair = Uint8Array.of(word >> 8, word & 0xff);
    bytes.push(...pair, crc8(pair));
  }
  return Uint8Array.from(bytes);
}

function wordsIn(bytes: Uint8Array): number {
  return Math.floor(bytes.length / 3);
}

/** The first word whose checksum is wrong; -1 when all are right. */
function damagedWord(bytes: Uint8Array): number {
  for (let word = 0; word < wordsIn(bytes); word++) {
    const at = lengthOf(word);
    if (crc8(bytes.subarray(at, at + 2)) !== bytes[at + 2]) return word;
  }
  return -1;
}
