/** A child as its supervisor remembers it. */
import type { TreeRow } from '../../src/shared/device-contract.ts';
import type { Attempt } from './attempt.ts';
import type { Child } from './child.ts';
import { EMPTY_WINDOW, type RestartWindow } from './restart-window.ts';
import type { ResolvedChildSpec } from './supervisor-spec.ts';

/** What is counted together: the restarts of all children of a supervisor, or of one child alone. */
export interface Tally {
  window: RestartWindow;
  /** The child that was left out and has not yet been well for a whole period: its next failure leaves it out again. */
  leftOut: string | null;
  /** Cancels the timer at whose end it counts as well. */
  cancelHold: (() => void) | null;
}

export function newTally(): Tally {
  return { window: EMPTY_WINDOW, leftOut: null, cancelHold: null };
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
  /** Monotonic ms, as `startedAt`, which is the begin of the last attempt. */
  nextAttemptAt: number | null;
  startedAt: number | null;
  /** Starts after the first one. */
  restarts: number;
  /** Failures in a row, for the back-off. */
  failures: number;
  tally: Tally;
  lastCause: string | null;
  /** Its row as last made: used again while it is true, for with thousands of children hardly any changes. */
  row: TreeRow | null;
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
    startedAt: null,
    restarts: 0,
    failures: 0,
    tally,
    lastCause: null,
    row: null,
  };
}
