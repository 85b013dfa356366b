/**
 * How late readings came and how many never did, told by their own times: the sensors' grid is fixed, so a channel's
 * earliest place in it is its due time.
 */
import type { BatchColumns } from '../../src/shared/batch.ts';

export class Lateness {
  readonly #periodUs: number;
  /** By channel: offsets into the period, µs. */
  readonly #offsets = new Map<number, number[]>();
  /** By channel: time of the reading before, µs. */
  readonly #before = new Map<number, number>();
  #missed = 0;
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = 0;

  constructor(periodMs: number) {
    this.#periodUs = periodMs * 1000;
  }

  /** Seconds between the first and the last reading. */
  get spanS(): number {
    return (this.#lastMs - this.#firstMs) / 1000;
  }

  /** Periods that went by without a reading. */
  get missed(): number {
    return this.#missed;
  }

  clear(): void {
    this.#offsets.clear();
    this.#before.clear();
    this.#missed = 0;
    this.#firstMs = Number.POSITIVE_INFINITY;
    this.#lastMs = 0;
  }

  add({ baseMs, deltaUs, channel }: BatchColumns): void {
    for (let i = 0; i < channel.length; i++) {
      const us = baseMs * 1000 + (deltaUs[i] as number);
      this.#firstMs = Math.min(this.#firstMs, us / 1000);
      this.#lastMs = Math.max(this.#lastMs, us / 1000);
      const of = this.#offsets.get(channel[i] as number) ?? [];
      if (of.length === 0) this.#offsets.set(channel[i] as number, of);
      of.push(us % this.#periodUs);
      const before = this.#before.get(channel[i] as number) ?? us - this.#periodUs;
      this.#missed += Math.max(0, Math.round((us - before) / this.#periodUs) - 1);
      this.#before.set(channel[i] as number, us);
    }
  }

  /** Lateness of all readings, µs. */
  all(): number[] {
    return [...this.#offsets.values()].flatMap((offsets) => {
      // a place just before the period's end may be followed by one just after its start
      const [first = 0] = offsets;
      const half = this.#periodUs / 2;
      const turned = offsets.map((offset) => {
        const ahead = offset - first;
        return ahead > half ? ahead - this.#periodUs : ahead < -half ? ahead + this.#periodUs : ahead;
      });
      const due = turned.reduce((least, one) => Math.min(least, one), 0);
      return turned.map((one) => one - due);
    });
  }
}
