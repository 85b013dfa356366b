/** A password a person can read aloud over a noisy machine. */
import { randomInt } from 'node:crypto';

const CONSONANTS = 'bdfgjklmnprstvwz';
const VOWELS = 'aeiou';
const WORDS = 4;
const SYLLABLES = 2;

/** Four words of two syllables, `kizu-rapo-tevi-molu`: 80 to the 8th, 50 bits. */
export function newPassword(): string {
  const letter = (of: string) => of[randomInt(of.length)] ?? '';
  const word = () => Array.from({ length: SYLLABLES }, () => letter(CONSONANTS) + letter(VOWELS)).join('');
  return Array.from({ length: WORDS }, word).join('-');
}
