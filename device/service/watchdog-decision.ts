/**
 * Whether systemd's watchdog is fed. Pure.
 * Feeding stops when a part hangs: then only a new process helps. A part that fails in words is being restarted by its
 * supervisor, and a new process would meet the same full disk; only when that lasts is a new process worth a try.
 */

/** What is known of one part, monotonic ms. */
export interface Vital {
  name: string;
  /** When it last did what it was asked. */
  wellAt: number;
  /** When it last answered at all, with an error too. */
  answeredAt: number;
}

/** A part that has not answered for so long hangs, ms. Half of the unit's WatchdogSec. */
export const SILENT_MS = 15_000;
/** A part that has failed for so long is worth a new process, ms. */
export const FAILING_MS = 600_000;

/** Null: feed it. Else which part stands in the way, in words for the log. */
export function reasonNotToFeed(vitals: readonly Vital[], now: number): string | null {
  for (const { name, answeredAt, wellAt } of vitals) {
    if (now - answeredAt > SILENT_MS) return `${name} has not answered for ${seconds(now - answeredAt)} s`;
    if (now - wellAt > FAILING_MS) return `${name} has been failing for ${seconds(now - wellAt)} s`;
  }
  return null;
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
