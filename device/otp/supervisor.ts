/**
 * A supervisor with OTP's semantics: starts children in order, restarts them by type and strategy, ends itself when
 * restarts come too often, stops in reverse order. This file is what users see; tree-supervisor.ts does it.
 * Called by the daemon for the root, and by start functions for branches: `start: (ctx) => startSupervisor(spec, ctx)`.
 */
import type { TreeRow } from '../../src/shared/device-contract.ts';
import { noLog, type Log } from '../../src/shared/log.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { Child, ChildSpec } from './child.ts';
import type { Report } from './report.ts';
import { type Flags, resolveSpec, type ResolvedChildSpec, type SupervisorSpec } from './supervisor-spec.ts';
import { TreeSupervisor } from './tree-supervisor.ts';

/** A child as `whichChildren` tells it. `child` is null unless it runs. */
export interface ChildInfo {
  id: string;
  state: TreeRow['state'];
  child: Child | null;
  type: ResolvedChildSpec['type'];
}

/** `specs`: all known; `active`: those that run; by type: all known. */
export interface ChildCounts {
  specs: number;
  active: number;
  supervisors: number;
  workers: number;
}

/** Why an administrative call was refused: `details.refused` of its BAD_INPUT error. */
export type Refusal =
  | 'already_started'
  | 'already_present'
  | 'running'
  | 'restarting'
  | 'not_found'
  | 'simple_one_for_one';

/** A running supervisor. Itself a child, so that trees nest. */
export interface Supervisor extends Child {
  /** Path of ids from the root. */
  readonly path: string;
  /**
   * Starts one more child: of a spec, or, under simple_one_for_one, of the template with these further arguments.
   * Returns the very child that the start function gave. Throws what a failed start threw, and then knows nothing of
   * the child; else BAD_INPUT {refused: already_started | already_present} or {field}.
   */
  startChild<C extends Child>(spec: ChildSpec<C>): Promise<C | 'ignore'>;
  startChild(args: readonly unknown[]): Promise<Child | 'ignore'>;
  /**
   * Stops a child (by id; a dynamic one by the child itself) and cancels its coming restart. Its spec stays unless it is
   * temporary or dynamic. Stopping a stopped one is fine. Throws BAD_INPUT {refused: not_found | simple_one_for_one}.
   */
  terminateChild(ref: string | Child): Promise<void>;
  /** Starts a stopped or left-out child. Throws BAD_INPUT {refused: running | restarting | not_found | simple_one_for_one}. */
  restartChild(id: string): Promise<Child | 'ignore'>;
  /** Forgets a stopped child. Throws BAD_INPUT {refused: running | restarting | not_found | simple_one_for_one}. */
  deleteChild(id: string): Promise<void>;
  /**
   * Takes a new spec while everything runs on; `ignore` changes nothing. Flags and specs count from now on (what a start
   * function does, from the next start on); added children are not started, removed ones not deleted, the order is the
   * new one. Throws BAD_INPUT {field, child?} and then changes nothing; so for a change to or from simple_one_for_one.
   */
  change(spec: SupervisorSpec | 'ignore'): Promise<void>;
  /** The spec of a child, defaults filled in. Throws BAD_INPUT {refused: not_found}. */
  childSpec(ref: string | Child): ResolvedChildSpec;
  readonly flags: Flags;
  /** All children in start order. */
  whichChildren(): ChildInfo[];
  countChildren(): ChildCounts;
  /** This supervisor and all below it, parents before children. */
  rows(): TreeRow[];
  /** The child now running at a path of ids below, so that a path outlives restarts; null when there is none. */
  find(path: string): Child | null;
}

/** What a supervisor needs from outside; a start function's context fits. */
export interface SupervisorOptions {
  /** Name of the root, or path of a branch. Default `root`. */
  path?: string;
  clock: Clock;
  /** Gets every report in words. */
  log?: Log;
  /** 0 ≤ x < 1, for jitter. Default Math.random. */
  random?: () => number;
  /** Gets every report as facts, from the whole tree. */
  onReport?: (report: Report) => void;
  /** Aborting it while the supervisor starts kills what was started. */
  signal?: AbortSignal;
}

/** What to supervise, or a function that says so anew at each start; `ignore`: nothing, and that is fine. */
export type SupervisorInit =
  | SupervisorSpec
  | (() => SupervisorSpec | 'ignore' | Promise<SupervisorSpec | 'ignore'>);

/**
 * Starts a supervisor and its children in order.
 * Throws BAD_INPUT {field, child?} for a bad spec before anything starts; what the init function throws; and, when a
 * child does not start, an error with the cause's code, {child}, and the cause, after stopping the children before it.
 */
export function startSupervisor(init: SupervisorSpec, options: SupervisorOptions): Promise<Supervisor>;
export function startSupervisor(
  init: SupervisorInit,
  options: SupervisorOptions,
): Promise<Supervisor | 'ignore'>;
export async function startSupervisor(
  init: SupervisorInit,
  options: SupervisorOptions,
): Promise<Supervisor | 'ignore'> {
  const spec = typeof init === 'function' ? await init() : init;
  if (spec === 'ignore') return 'ignore';
  const { flags, children } = resolveSpec(spec);
  const { path = 'root', clock, log = noLog, random = Math.random, onReport = () => {}, signal } = options;
  const supervisor = new TreeSupervisor(path, flags, { clock, log, random, onReport });
  const giveUp = (): void => supervisor.kill();
  signal?.addEventListener('abort', giveUp);
  try {
    await supervisor.start(children);
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
  return supervisor;
}
