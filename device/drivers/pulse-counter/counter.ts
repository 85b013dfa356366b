/**
 * Pulses out of edges: those that come too soon after the last are bounces, those that the kernel's buffer dropped are
 * known by the jump in the numbers of the edges. Pure but for what it remembers; times are the kernel's.
 */

export class PulseCounter {
  readonly #deadMs: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  #lastSequence = 0;
  #count = 0;

  /** `deadMs`: a pulse sooner than this after the last is a bounce. */
  constructor(deadMs: number) {
    this.#deadMs = deadMs;
  }

  /** Pulses so far. */
  get count(): number {
    return this.#count;
  }

  /** Takes an edge; a pulse is one that leads to active. */
  edge(active: boolean, atMs: number, sequence: number): void {
    const dropped = sequence - this.#lastSequence - 1;
    this.#lastSequence = sequence;
    // every other edge that nobody saw led to active; whether one of them bounced cannot be known
    if (dropped > 0) this.#count += active ? Math.floor(dropped / 2) : Math.ceil(dropped / 2);
    if (!active || atMs - this.#lastAt < this.#deadMs) return;
    this.#lastAt = atMs;
    this.#count++;
  }
}
