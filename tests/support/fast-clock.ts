/** A clock that runs faster than the day: minutes of patience pass in a moment, with real files and pipes. */
import type { Clock } from '../../src/shared/time.ts';

export function fastClock(factor: number): Clock {
  const start = performance.now();
  const monotonic = () => (performance.now() - start) * factor;
  return {
    monotonic,
    wall: () => Date.UTC(2026, 4, 3, 12) + monotonic(),
    after(ms, fn) {
      const timer = setTimeout(fn, ms / factor);
      return () => clearTimeout(timer);
    },
  };
}
