/** How long to wait before trying again. Pure. */

/** First, second, third wait … in ms: a cut cable is often put back at once, a device that is off stays off. */
const WAITS_MS = [250, 1000, 2000, 4000, 8000, 16_000, 30_000];
export const MAX_WAIT_MS = 30_000;

/** Wait before attempt `attempt` (from 0), ms, at most MAX_WAIT_MS. `random` 0..1 spreads a fleet by 25 %. */
export function backoffMs(attempt: number, random: number): number {
  const base = WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)]!;
  return Math.min(MAX_WAIT_MS, Math.round(base * (0.75 + 0.5 * random)));
}
