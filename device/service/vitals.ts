/**
 * Asks the parts that must not hang whether they are there.
 * Owns: when each answered last. Refuses: to wait: a part that hangs is simply not asked again until it answers.
 * Ticked by the tree's service child; watchdog-decision.ts judges.
 */
import type { Clock } from '../../src/shared/time.ts';
import type { Vital } from './watchdog-decision.ts';

/** Resolves when the part is well; rejects when it fails in words. */
export type Ask = () => Promise<unknown>;

export class Vitals {
  readonly #clock: Clock;
  readonly #parts: { vital: Vital; ask: Ask; waiting: boolean }[];

  constructor(asks: Readonly<Record<string, Ask>>, clock: Clock) {
    this.#clock = clock;
    const now = clock.monotonic();
    this.#parts = Object.entries(asks).map(([name, ask]) => ({
      vital: { name, wellAt: now, answeredAt: now },
      ask,
      waiting: false,
    }));
  }

  /** Asks every part that is not being asked already. */
  ask(): void {
    for (const part of this.#parts) {
      if (part.waiting) continue;
      part.waiting = true;
      const answered = (well: boolean): void => {
        part.waiting = false;
        part.vital.answeredAt = this.#clock.monotonic();
        if (well) part.vital.wellAt = part.vital.answeredAt;
      };
      part.ask().then(
        () => answered(true),
        () => answered(false),
      );
    }
  }

  get now(): readonly Vital[] {
    return this.#parts.map(({ vital }) => vital);
  }
}
