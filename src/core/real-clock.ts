/** The laptop's real clock. The only reader of the machine's time in the engine. */
import type { Clock } from '../shared/time.ts';

export const realClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};
