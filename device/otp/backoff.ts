/**
 * How long to wait before the next restart of a child that keeps failing. Pure; randomness comes in.
 * Waiting counts inside the intensity period: the window's clock goes on while a child waits. So that intensity can
 * still be reached, `leastPeriodMs` says how long a period has to be, and a spec with a shorter one is refused.
 */

/** Wait `firstMs` after the first failure, `factor` times more after each further one, at most `capMs`. */
export interface Backoff {
  firstMs: number;
  /** Failures in a row that are answered at once, before the waits begin. Default 0. */
  immediate?: number;
  /** Default 2. */
  factor?: number;
  capMs: number;
  /** Share of a wait that is left to chance, 0–1: the wait lies between (1 − jitter) and 1 times the full one. Default 0.2. */
  jitter?: number;
  /** A child that ran this long counts as well again. Default: the supervisor's period. */
  resetAfterMs?: number;
}

export type ResolvedBackoff = Required<Backoff>;

/** Milliseconds to wait after `failures` failures in a row (1 = the first). */
export function waitAfter(backoff: ResolvedBackoff, failures: number, random: () => number): number {
  return fullWait(backoff, failures) * (1 - backoff.jitter * random());
}

/** The shortest period in which a child that always fails at once can still spend `intensity` restarts. */
export function leastPeriodMs(backoff: ResolvedBackoff, intensity: number): number {
  let sum = 0;
  for (let failures = 1; failures <= intensity; failures++) {
    const wait = fullWait(backoff, failures);
    sum += wait;
    if (wait === backoff.capMs) return sum + wait * (intensity - failures);
  }
  return sum;
}

function fullWait(backoff: ResolvedBackoff, failures: number): number {
  const waits = failures - backoff.immediate;
  return waits < 1 ? 0 : Math.min(backoff.capMs, backoff.firstMs * backoff.factor ** (waits - 1));
}
