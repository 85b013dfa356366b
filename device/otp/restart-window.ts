/**
 * How many restarts the last `periodMs` have seen. Pure: times come in as monotonic milliseconds.
 * `intensity` restarts are allowed in a period; one more is not. A restart exactly `periodMs` old still counts.
 */

/** Times of restarts, oldest first, each with the id of the child that caused it. */
export type RestartWindow = readonly { readonly at: number; readonly by: string }[];

export const EMPTY_WINDOW: RestartWindow = [];

/** Entries not older than `periodMs` at `now`. */
export function prune(window: RestartWindow, now: number, periodMs: number): RestartWindow {
  const fresh = window.findIndex((restart) => now - restart.at <= periodMs);
  if (fresh === 0) return window;
  return fresh === -1 ? EMPTY_WINDOW : window.slice(fresh);
}

/** Counts one restart. `allowed` is false when it is the one too many. */
export function addRestart(
  window: RestartWindow,
  by: string,
  now: number,
  limit: { intensity: number; periodMs: number },
): { window: RestartWindow; allowed: boolean } {
  const next = [...prune(window, now, limit.periodMs), { at: now, by }];
  return { window: next, allowed: next.length <= limit.intensity };
}
