/**
 * What fwup says while it applies an update (fwup 1.16, src/progress.c): carriage returns, a percentage of three places, a
 * bar, backspaces; at the end a line `Success!`; warnings and errors after a carriage return and an erased line. Pure,
 * and tolerant: older versions say it in other words.
 */
import { stripVTControlCharacters } from 'node:util';
import { printable } from '../discovery/printable.ts';

/** More than any message; progress before it is forgotten. */
const KEPT = 4000;
const MAX_MESSAGE = 300;

export class FwupText {
  #kept = '';
  /** The beginning of a number that was cut between two pieces. */
  #carry = '';
  #percent: number | null = null;

  push(piece: string): void {
    const text = this.#carry + piece;
    this.#carry = /\d{0,3}$/.exec(text)?.[0] ?? '';
    const percent = [...text.matchAll(/(\d{1,3})%/g)].at(-1)?.[1];
    if (percent !== undefined) this.#percent = Math.min(100, Number(percent));
    this.#kept = (this.#kept + piece).slice(-KEPT);
  }

  /** The last percentage, null before the first. */
  get percent(): number | null {
    return this.#percent;
  }

  /** True once it said that the update succeeded. */
  get succeeded(): boolean {
    return this.#lines().includes('Success!');
  }

  /** Its warnings and errors as one line, empty when it said none. */
  get message(): string {
    const words = this.#lines().filter((line) => line !== 'Success!' && !/\d%|^Elapsed time/.test(line));
    return printable(words.map((line) => line.replace(/^(?:fwup: |Error: )+/, '')).join('; '), MAX_MESSAGE);
  }

  #lines(): string[] {
    return stripVTControlCharacters(this.#kept)
      .split(/[\r\n]/)
      .map((line) => printable(line.replaceAll('\b', ''), MAX_MESSAGE))
      .filter((line) => line !== '');
  }
}
