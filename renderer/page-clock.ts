/** The page's real clock; the only reader of the machine's time among the stores and the engine client. */
import type { Clock } from '../src/shared/time.ts';

export const pageClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};
