/**
 * Bytes written a day, from the count of the last hour: what a card wears now, not what the start once cost, nor what
 * seconds would make of a single write. Given a count that only grows; knows nothing of who counts.
 */
import type { Clock } from '../../src/shared/time.ts';
import { perDay } from './health.ts';

const WINDOW_MS = 3_600_000;
/** Looks that are remembered lie this far apart. */
const STEP_MS = 60_000;
/** A start writes for so long what is not written again. */
const START_MS = 60_000;
/** Less than this is not enough to reckon a day from. */
const ENOUGH_MS = 600_000;

export class WriteMeter {
  readonly #clock: Clock;
  readonly #begunAt: number;
  readonly #looks: { at: number; bytes: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#begunAt = clock.monotonic();
  }

  /** Takes the count of now. */
  look(bytes: number): void {
    const at = this.#clock.monotonic();
    if (at - this.#begunAt < START_MS) return;
    const last = this.#looks.at(-1);
    if (last && at - last.at < STEP_MS) return;
    this.#looks.push({ at, bytes });
    while (at - (this.#looks[1]?.at ?? at) >= WINDOW_MS) this.#looks.shift();
  }

  /** Ms until there is enough to reckon from; 0 from then on. */
  get waitMs(): number {
    return Math.max(0, this.#begunAt + START_MS + ENOUGH_MS - this.#clock.monotonic());
  }

  /** Bytes a day at the rate since the oldest look, with `bytes` the count of now; 0 while there is not enough. */
  perDay(bytes: number): number {
    const from = this.#looks[0];
    if (!from || this.waitMs > 0) return 0;
    return perDay(bytes - from.bytes, this.#clock.monotonic() - from.at);
  }
}
