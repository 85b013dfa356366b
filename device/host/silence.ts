/** Whether a host is silent because it hangs, or because the machine gave it no time. Pure. */
import type { ProcessFacts } from '../platform/process-facts.ts';

/** A process that wants to run and has got less than this share of the allowance as processor time is starved. */
const LEAST_SHARE = 0.25;
/** Even a starved host is given up after this many allowances. */
const MOST_ALLOWANCES = 6;

/**
 * True when the silence of `silentMs` should still be borne. `cpuMs`: processor time it had used at its last sign of
 * life. A process that waits in the kernel (S, D) or is stopped (T) is not starved: a driver blocks it.
 */
export function isStarved(
  facts: ProcessFacts | null,
  cpuMs: number,
  silentMs: number,
  allowanceMs: number,
): boolean {
  if (facts?.state !== 'R' || silentMs > MOST_ALLOWANCES * allowanceMs) return false;
  return facts.cpuMs - cpuMs < LEAST_SHARE * allowanceMs;
}
