/** Whether a host is silent because it hangs, or because the machine is slow. Pure. */
import type { ProcessFacts } from '../platform/process-facts.ts';

/** A process that wants to run and has got less than this share of the allowance as processor time is starved. */
const LEAST_SHARE = 0.25;
/** Even a starved host is given up after this many allowances. */
const MOST_ALLOWANCES = 6;
/**
 * A host in which no driver runs is given this long at least, ms. What it does then is our own and ends: it loads a module
 * from a worn card, compiles it, collects memory. An emulated board took more than its 400 ms for setting up a bus. A driver
 * that comes back by a timer of its own, and loops there, is in nobody's name and is found so much later.
 */
const NOBODY_MS = 2500;

/** A host that is silent. */
export interface Silence {
  silentMs: number;
  allowanceMs: number;
  /** Number of the sensor whose driver runs, 0 when none does. */
  running: number;
  facts: ProcessFacts | null;
  /** Processor time that it had used at its last sign of life. */
  cpuMs: number;
}

/**
 * True when the silence should still be borne. A process that waits in the kernel (S, D) is not starved: the driver that
 * runs blocks it. One that was stopped (T) does not come back by itself.
 */
export function isBorne({ silentMs, allowanceMs, running, facts, cpuMs }: Silence): boolean {
  if (silentMs < allowanceMs) return true;
  if (running === 0 && silentMs < NOBODY_MS && facts !== null && facts.state !== 'T') return true;
  if (facts?.state !== 'R' || silentMs > MOST_ALLOWANCES * allowanceMs) return false;
  return facts.cpuMs - cpuMs < LEAST_SHARE * allowanceMs;
}
