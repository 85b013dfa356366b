/** How fast bytes go and how long the rest takes, over the last seconds; and when that is worth telling. */
import type { RowFacts } from './campaign-machine.ts';

/** Span over which a rate is measured, ms. */
const SPAN_MS = 3000;
const TELL_MS = 100;

export class RateMeter {
  #marks: { at: number; sent: number }[] = [];
  #toldAt = -Infinity;

  /** `at`: monotonic ms. Null when it is too early to tell again. */
  take(at: number, sent: number, total: number): RowFacts | null {
    this.#marks.push({ at, sent });
    while (this.#marks.length > 2 && at - this.#marks[1]!.at >= SPAN_MS) this.#marks.shift();
    if (at - this.#toldAt < TELL_MS && sent < total) return null;
    this.#toldAt = at;
    const first = this.#marks[0]!;
    const rate = at > first.at ? ((sent - first.sent) * 1000) / (at - first.at) : null;
    const secondsLeft = rate ? Math.ceil((total - sent) / rate) : null;
    return { sent, total, rate, secondsLeft };
  }
}
