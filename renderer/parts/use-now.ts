/** The present, once a second, one timer for all parts of the page. */
import { useSyncExternalStore } from 'react';

const TICK_MS = 1000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(fn: () => void): () => void {
  // the first listener after a pause: the kept time may be old, and React looks again once it has subscribed
  if (timer === undefined) now = Date.now();
  listeners.add(fn);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, TICK_MS);
  return () => {
    listeners.delete(fn);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Epoch ms, at most a second old. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
