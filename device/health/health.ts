/**
 * The daemon's look at itself: readings a second, bytes written a day, and what the run knows of wall time.
 * Owns: when a clock observation replaces an older one. Refuses: to judge a sensor. Ticked by the tree's health child.
 */
import type { ClockObservation } from '../journal/journal.ts';
import type { ClockSource } from '../../src/shared/reading.ts';
import type { Clock } from '../../src/shared/time.ts';

/** A wall clock that moved less than this against the monotonic one did not step, ms. */
const STEP_MS = 50;
const DAY_MS = 86_400_000;

/** What the wall clock says now about the run. */
export function observe(clock: Clock, source: ClockSource): ClockObservation {
  return { offsetMs: clock.wall() - clock.monotonic(), clock: source };
}

/**
 * The observation to keep: a better source wins, a step under the same source is believed, and a clock that is not
 * set by anybody any more does not take the place of one that was.
 */
export function better(kept: ClockObservation, seen: ClockObservation): ClockObservation {
  if (seen.clock === 'none' && kept.clock !== 'none') return kept;
  const stepped = Math.abs(seen.offsetMs - kept.offsetMs) >= STEP_MS;
  return stepped || seen.clock !== kept.clock ? seen : kept;
}

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
