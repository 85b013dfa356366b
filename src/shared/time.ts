/** Clocks are handed in. Nothing in a room reads the real one, so that a test owns time. */

/** A clock with cancellable timers. `monotonic` never jumps; `wall` may. */
export interface Clock {
  /** Milliseconds since an arbitrary start, never backwards, fractions allowed. */
  monotonic(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z as the machine believes it. */
  wall(): number;
  /** Calls `fn` once after `ms`; the returned function cancels it. */
  after(ms: number, fn: () => void): () => void;
}
