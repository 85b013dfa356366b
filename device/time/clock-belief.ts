/**
 * What a run believes of wall time. Pure. A run has one offset from its monotonic clock, so the order of its readings
 * is that of the monotonic clock whatever is believed; only the whole run moves.
 */
import type { ClockBelief } from '../../src/shared/device-contract.ts';
import { CLOCK_SOURCES } from '../../src/shared/reading.ts';

/** No daemon of this kind ran before: a clock that shows an earlier time was never set. */
export const NOT_BEFORE_MS = Date.UTC(2026, 0, 1);
/** A wall clock that moved less than this against the monotonic one did not step, ms. */
const STEP_MS = 50;

/** True when two offsets differ by more than a clock's trembling. */
export function stepped(a: ClockBelief, b: ClockBelief, toleranceMs = STEP_MS): boolean {
  return Math.abs(a.offsetMs - b.offsetMs) >= toleranceMs;
}

/**
 * The belief to keep: a better source wins; of one source the later word wins where it differs by `toleranceMs`.
 * Among clocks that nobody set, one that stands before this program's time is the worst.
 */
export function better(kept: ClockBelief, seen: ClockBelief, toleranceMs = STEP_MS): ClockBelief {
  if (rank(seen) !== rank(kept)) return rank(seen) > rank(kept) ? seen : kept;
  return stepped(kept, seen, toleranceMs) ? seen : kept;
}

function rank({ clock, offsetMs }: ClockBelief): number {
  if (clock === 'none' && offsetMs < NOT_BEFORE_MS) return 0;
  return CLOCK_SOURCES.length - CLOCK_SOURCES.indexOf(clock);
}

/**
 * What becomes of an earlier run of the same boot, which shares the monotonic clock. What a time service has set
 * stays: it was right then.
 */
export function inheritsBack(earlier: ClockBelief, believed: ClockBelief): boolean {
  return earlier.clock !== 'ntp' && believed.clock !== 'none' && better(earlier, believed) === believed;
}
