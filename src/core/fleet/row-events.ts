/** Tells listeners of changed rows, at most about 10 times a second and device, the newest state each time. */
import type { Clock } from '../../shared/time.ts';

/** Between two events of one device. */
const PACE_MS = 100;
/** Between two events when only the time of being seen moved on. */
const IDLE_PACE_MS = 5000;

export interface RowEvents {
  /** The row changed. `idle`: only in `lastSeen`. */
  changed(id: string, idle: boolean): void;
  /** The row is gone: nothing more is told of it. */
  forget(id: string): void;
  stop(): void;
}

/** `tell` is called with the id of a row whose state is to be told now. */
export function createRowEvents(clock: Clock, tell: (id: string) => void): RowEvents {
  const told = new Map<string, number>();
  const due = new Map<string, number>();
  let timer: { at: number; cancel: () => void } | null = null;

  function tellNow(id: string): void {
    due.delete(id);
    told.set(id, clock.monotonic());
    tell(id);
  }

  function arm(at: number): void {
    if (timer && timer.at <= at) return;
    timer?.cancel();
    timer = { at, cancel: clock.after(at - clock.monotonic(), flush) };
  }

  function flush(): void {
    timer = null;
    const now = clock.monotonic();
    let next = Infinity;
    for (const [id, at] of due) {
      // A timer may fire a fraction of a millisecond early.
      if (at <= now + 1) tellNow(id);
      else next = Math.min(next, at);
    }
    if (next < Infinity) arm(next);
  }

  return {
    changed(id, idle) {
      const at = (told.get(id) ?? -Infinity) + (idle ? IDLE_PACE_MS : PACE_MS);
      if (at <= clock.monotonic()) return tellNow(id);
      due.set(id, Math.min(at, due.get(id) ?? Infinity));
      arm(at);
    },
    forget(id) {
      due.delete(id);
      told.delete(id);
    },
    stop() {
      timer?.cancel();
      timer = null;
      due.clear();
    },
  };
}
