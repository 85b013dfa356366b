/** A clock a test owns: time stands still until `advance`. */
import type { Clock } from '../../src/shared/time.ts';

export class FakeClock implements Clock {
  #now = 0;
  #wall: number;
  #timers: { at: number; order: number; fn: () => void }[] = [];
  #order = 0;

  constructor(wall = Date.UTC(2026, 4, 3, 12)) {
    this.#wall = wall;
  }

  monotonic(): number {
    return this.#now;
  }

  wall(): number {
    return this.#wall + this.#now;
  }

  /** Steps the wall clock, as NTP or a person would; monotonic time does not move. */
  setWall(wall: number): void {
    this.#wall = wall - this.#now;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  /** Timers not yet due. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves time on by `ms`, firing due timers in order and letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#timers.toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!next || next.at > end) break;
      this.#timers = this.#timers.filter((t) => t !== next);
      this.#now = Math.max(this.#now, next.at);
      next.fn();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets all promise reactions that are ready run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
