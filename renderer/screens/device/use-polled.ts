/** Asks the engine the same thing again and again while a part is shown: for what has no events. */
import { useEffect, useState } from 'react';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import { pageClock } from '../../page-clock.ts';

/** The newest answer, and why the newest attempt failed (null when it did not). */
export interface Polled<T> {
  value: T | null;
  error: WireError | null;
}

/** Calls `ask` now and every `everyMs` after an answer, while `active`. A new `ask` begins anew. */
export function usePolled<T>(ask: () => Promise<T>, everyMs: number, active: boolean): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ value: null, error: null });
  useEffect(() => {
    if (!active) return;
    let open = true;
    let cancel = () => {};
    const poll = async () => {
      try {
        const value = await ask();
        if (open) setPolled({ value, error: null });
      } catch (error) {
        if (open) setPolled((before) => ({ ...before, error: errorToWire(error) }));
      }
      if (open) cancel = pageClock.after(everyMs, () => void poll());
    };
    void poll();
    return () => {
      open = false;
      cancel();
    };
  }, [ask, everyMs, active]);
  return polled;
}
