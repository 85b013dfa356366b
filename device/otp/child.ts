/**
 * What a supervisor holds: a child, how it is started, and why it ended.
 * Anything that can end once and be told to end is a child: an actor, a thread, a process, another supervisor.
 */
import type { TreeRow } from '../../src/shared/device-contract.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { Report } from './report.ts';

/** Why a child ended. `normal` and `shutdown` are no faults; `killed` and `error` are. */
export type ExitReason =
  | { readonly kind: 'normal' }
  | { readonly kind: 'shutdown'; readonly detail?: string }
  | { readonly kind: 'killed' }
  | { readonly kind: 'error'; readonly error: unknown };

export const NORMAL: ExitReason = { kind: 'normal' };
export const SHUTDOWN: ExitReason = { kind: 'shutdown' };
export const KILLED: ExitReason = { kind: 'killed' };

/** Something that runs and ends exactly once. */
export interface Child {
  /** Settles once, whenever it is looked at, so that no exit can be lost. A rejection counts as exit `error`. */
  readonly exited: Promise<ExitReason>;
  /** Asks it to end in its own way; repeated asking changes nothing. */
  shutdown(): void;
  /** Ends it now, without asking: `exited` follows with `killed`. */
  kill(): void;
  /** Rows of the tree from this child down, itself first, paths beginning with the path it was started under. */
  rows?(): TreeRow[];
  /** The child now running at a path of ids below this one, so that a path outlives restarts; null when there is none. */
  find?(path: string): Child | null;
}

/** What a start function is given; fit to be passed on as the options of a nested supervisor. */
export interface StartContext {
  readonly id: string;
  /** Path of ids from the root, `muster/sensors/cpu`. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1, for jitter. */
  readonly random: () => number;
  readonly onReport: (report: Report) => void;
  /** Aborted when nobody waits for this start any more: its time is over, or it was stopped. */
  readonly signal: AbortSignal;
}

/** `permanent`: always restarted. `transient`: after a fault only. `temporary`: never, and forgotten. */
export type RestartType = 'permanent' | 'transient' | 'temporary';

/** Milliseconds to end in before it is killed, or without end, or killed at once. */
export type ShutdownTime = number | 'brutal_kill' | 'infinity';

export type ChildType = 'worker' | 'supervisor';

/** A child as it is declared. `Args` are what a dynamic child is started with besides. */
export interface ChildSpec<C extends Child = Child, Args extends readonly unknown[] = readonly never[]> {
  /** Unique under its supervisor; part of a path, so without `/`. */
  id: string;
  /** Starts it. A throw or rejection is a failed start; `ignore` is a success without anything running. */
  start(context: StartContext, ...args: Args): C | 'ignore' | Promise<C | 'ignore'>;
  /** Default `permanent`. */
  restart?: RestartType;
  /** Default 5000 for a worker, `infinity` for a supervisor. */
  shutdown?: ShutdownTime;
  /** Default `worker`. */
  type?: ChildType;
  /** Its end by itself may end the supervisor (see `autoShutdown`). Default false; never with `permanent`. */
  significant?: boolean;
  /** Milliseconds in which an asynchronous start has to succeed. Default 30,000 for a worker, `infinity` for a supervisor. */
  startTimeoutMs?: number | 'infinity';
}

/** True when the value keeps the contract of a child as far as can be seen. */
export function isChild(value: unknown): value is Child {
  if (typeof value !== 'object' || value === null) return false;
  const child = value as Partial<Child>;
  return (
    typeof child.exited?.then === 'function' &&
    typeof child.shutdown === 'function' &&
    typeof child.kill === 'function'
  );
}
