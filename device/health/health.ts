/**
 * The daemon's look at itself: readings a second, bytes written a day. Refuses: to judge a sensor.
 * Ticked by the tree's health child.
 */
import type { Clock } from '../../src/shared/time.ts';

const DAY_MS = 86_400_000;

/** Rates over the time between two looks. */
export class Rates {
  readonly #clock: Clock;
  #at: number;
  #count = 0;
  #perS = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.monotonic();
  }

  /** Takes the count of readings so far. */
  look(count: number): void {
    const now = this.#clock.monotonic();
    if (now <= this.#at) return;
    this.#perS = ((count - this.#count) * 1000) / (now - this.#at);
    this.#count = count;
    this.#at = now;
  }

  /** Readings a second between the last two looks. */
  get perS(): number {
    return this.#perS;
  }
}

/** `bytes` written in `ms` as bytes a day. */
export function perDay(bytes: number, ms: number): number {
  return ms <= 0 ? 0 : Math.round((bytes * DAY_MS) / ms);
}
