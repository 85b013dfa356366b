/** A contact that bounces, made quiet. Pure but for what it remembers; times are the kernel's. */

export class Debounce {
  readonly #quietMs: number;
  #settled: boolean;
  #raw: boolean;
  #changedAt = Number.NEGATIVE_INFINITY;

  /** `quietMs`: how long a level must stand before it counts. `level`: the one at the start. */
  constructor(quietMs: number, level: boolean) {
    this.#quietMs = quietMs;
    this.#settled = level;
    this.#raw = level;
  }

  /** Takes an edge; `level`: after it. */
  edge(level: boolean, atMs: number): void {
    this.level(atMs);
    if (level === this.#raw) return;
    this.#raw = level;
    this.#changedAt = atMs;
  }

  /** The level that counts at a moment, no earlier than the last edge. */
  level(atMs: number): boolean {
    if (this.#raw !== this.#settled && atMs - this.#changedAt >= this.#quietMs) this.#settled = this.#raw;
    return this.#settled;
  }
}
