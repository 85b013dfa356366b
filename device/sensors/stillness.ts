/** Notices a channel that does not move although it should. Pure but for what it remembers. */

export class Stillness {
  readonly #restlessMs: number;
  #last = Number.NaN;
  #since = 0;

  /** `restlessMs`: how long the same value may come, ms. */
  constructor(restlessMs: number) {
    this.#restlessMs = restlessMs;
  }

  /** Takes the next value as the chip gave it; true when it has come unchanged for too long. A gap begins anew. */
  isStuck(value: number, nowMs: number): boolean {
    if (value !== this.#last) {
      this.#last = value;
      this.#since = nowMs;
    }
    return nowMs - this.#since > this.#restlessMs;
  }
}
