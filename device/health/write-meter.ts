/**
 * Bytes written a day, from the count of the last hour: what a card wears now, not what the start once cost. Given a
 * count that only grows; knows nothing of who counts.
 */
import type { Clock } from '../../src/shared/time.ts';
import { perDay } from './health.ts';

const WINDOW_MS = 3_600_000;
/** Looks that are remembered lie this far apart. */
const STEP_MS = 60_000;

export class WriteMeter {
  readonly #clock: Clock;
  readonly #looks: { at: number; bytes: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the count of now. */
  look(bytes: number): void {
    const at = this.#clock.monotonic();
    const last = this.#looks.at(-1);
    if (last && at - last.at < STEP_MS) return;
    this.#looks.push({ at, bytes });
    while (at - (this.#looks[1]?.at ?? at) >= WINDOW_MS) this.#looks.shift();
  }

  /** Bytes a day at the rate since the oldest look, with `bytes` the count of now; 0 before a first look. */
  perDay(bytes: number): number {
    const from = this.#looks[0];
    return from ? perDay(bytes - from.bytes, this.#clock.monotonic() - from.at) : 0;
  }
}
