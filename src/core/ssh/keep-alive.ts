/**
 * Notices a pulled cable: TCP alone would wait for minutes. Any byte received counts as life, so that a slow
 * link busy with an upload is not mistaken for a dead one; an idle one is kept talking by SSH's own pings.
 */
import type { Clock } from '../../shared/time.ts';

/** How often an idle connection is asked to answer, ms. */
export const PING_MS = 3_000;
/** A connection silent for this long is lost, ms: two pings and some patience. */
export const SILENCE_MS = 9_000;
const LOOK_MS = 1_000;

/** Watches a growing byte count; calls `onSilence` once it stood still for SILENCE_MS. Returns the stop function. */
export function watchSilence(clock: Clock, bytesRead: () => number, onSilence: () => void): () => void {
  let seen = bytesRead();
  let at = clock.monotonic();
  let cancel = clock.after(LOOK_MS, look);
  function look(): void {
    const now = clock.monotonic();
    // A laptop that slept did not listen: what came due meanwhile says nothing about the device.
    const slept = now - at > SILENCE_MS + 5 * LOOK_MS;
    if (bytesRead() !== seen || slept) {
      seen = bytesRead();
      at = now;
    } else if (now - at >= SILENCE_MS) return onSilence();
    cancel = clock.after(LOOK_MS, look);
  }
  return () => cancel();
}
