/** A child as its supervisor remembers it, and its row in the tree. */
import type { TreeRow } from '../../src/shared/device-contract.ts';
import type { Attempt } from './attempt.ts';
import type { Child } from './child.ts';
import { prune, EMPTY_WINDOW, type RestartWindow } from './restart-window.ts';
import type { ResolvedChildSpec } from './supervisor-spec.ts';

/** What is counted together: the restarts of all children of a supervisor, or of one child alone. */
export interface Tally {
  window: RestartWindow;
  /** Left out once and not yet well for a whole period: the next failure leaves it out again. */
  probation: boolean;
  /** Cancels the timer that ends the probation. */
  cancelHold: (() => void) | null;
}

export function newTally(): Tally {
  return { window: EMPTY_WINDOW, probation: false, cancelHold: null };
}

/** Mutable; owned by one supervisor. `child` is set in `running` and `stopping` only. */
export interface Entry {
  readonly id: string;
  spec: ResolvedChildSpec;
  /** What a dynamic child is started with. Emptied when it will never be started again. */
  args: readonly unknown[];
  state: TreeRow['state'];
  child: Child | null;
  /** The start now under way. */
  attempt: Attempt | null;
  /** Cancels the timer of the next attempt. */
  cancelTimer: (() => void) | null;
  /** Monotonic ms. */
  nextAttemptAt: number | null;
  startedAt: number;
  restarts: number;
  /** Failures in a row, for the back-off. */
  failures: number;
  tally: Tally;
  lastCause: string | null;
}

export function newEntry(
  id: string,
  spec: ResolvedChildSpec,
  tally: Tally,
  args: readonly unknown[] = [],
): Entry {
  return {
    id,
    spec,
    args,
    state: 'stopped',
    child: null,
    attempt: null,
    cancelTimer: null,
    nextAttemptAt: null,
    startedAt: 0,
    restarts: 0,
    failures: 0,
    tally,
    lastCause: null,
  };
}

/** Rows of a supervisor's children with all below them, in start order. */
export function childRows(path: string, entries: Iterable<Entry>, now: number, periodMs: number): TreeRow[] {
  const rows: TreeRow[] = [];
  const counted = new Map<Tally, Map<string, number>>();
  for (const entry of entries) {
    let counts = counted.get(entry.tally);
    if (!counts) counted.set(entry.tally, (counts = countById(prune(entry.tally.window, now, periodMs))));
    rows.push({
      path: `${path}/${entry.id}`,
      kind: entry.spec.type,
      state: entry.state,
      restarts: entry.restarts,
      restartsInWindow: counts.get(entry.id) ?? 0,
      nextAttemptMs: entry.nextAttemptAt === null ? null : Math.max(0, entry.nextAttemptAt - now),
      lastCause: entry.lastCause,
    });
    // The child's own first row is about itself: what its supervisor knows stands above.
    const below = entry.child?.rows?.() ?? [];
    for (let i = 1; i < below.length; i++) rows.push(below[i] as TreeRow);
  }
  return rows;
}

function countById(window: RestartWindow): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { by } of window) counts.set(by, (counts.get(by) ?? 0) + 1);
  return counts;
}
