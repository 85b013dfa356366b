/**
 * The children of one supervisor: how they come up, are watched, and go down. Decides nothing about restarts.
 * Owns: the entries by id in start order, and whose child is whose.
 * Called by tree-supervisor.ts only, one thing at a time.
 */
import { Attempt, type Outcome, type Surroundings } from './attempt.ts';
import type { Child, ExitReason } from './child.ts';
import { endChildren, exitOf } from './ending.ts';
import type { Entry } from './entry.ts';
import { cut, exitInWords, formatReport, levelOf, type Report } from './report.ts';
import type { ResolvedChildSpec } from './supervisor-spec.ts';
import { MusterError } from '../../src/shared/errors.ts';

/** What the supervisor adds. */
export interface BroodOwner {
  /** A child that has just been started, before anything else can happen to it. */
  onStarted(entry: Entry): void;
  /** A child that was running has ended; comes on its own time, also after it was stopped. */
  onExit(entry: Entry, child: Child, reason: ExitReason): void;
  /** True from the moment when everything is to be killed. */
  killing(): boolean;
}

const SPENT_START = (): never => {
  throw new MusterError('INTERNAL', 'a temporary child is never started again');
};

export class Brood {
  /** By id, in start order. */
  readonly entries = new Map<string, Entry>();
  readonly path: string;
  /** True under simple_one_for_one: children of one template, without specs of their own. */
  readonly dynamic: boolean;
  readonly around: Surroundings;
  readonly #owner: BroodOwner;
  /** The entry of every child that was ever here, so that a dead one can be told from a foreign one. */
  readonly #ever = new WeakMap<Child, Entry>();

  constructor(path: string, dynamic: boolean, around: Surroundings, owner: BroodOwner) {
    this.path = path;
    this.dynamic = dynamic;
    this.around = around;
    this.#owner = owner;
  }

  /** The entry meant by an id, or, where children are dynamic, by a living child. */
  find(ref: string | Child): Entry | undefined {
    if (typeof ref === 'string') return this.dynamic ? undefined : this.entries.get(ref);
    const entry = this.dynamic ? this.#ever.get(ref) : undefined;
    return entry?.child === ref ? entry : undefined;
  }

  /** True for a dynamic child that was started here, dead or alive. */
  knew(child: Child): boolean {
    return this.dynamic && this.#ever.has(child);
  }

  /** Starts one child; `done` is called once, at once when the start is synchronous. */
  launch(entry: Entry, done: (outcome: Outcome) => void): void {
    const attempt = new Attempt(entry.id, `${this.path}/${entry.id}`, this.around);
    entry.attempt = attempt;
    entry.state = 'starting';
    if (entry.startedAt !== null) entry.restarts++;
    entry.startedAt = this.around.clock.monotonic();
    attempt.run(entry.spec, entry.args, (outcome) => {
      entry.attempt = null;
      if (outcome.kind === 'started') this.#adopt(entry, outcome.child);
      else entry.state = 'stopped';
      done(outcome);
    });
  }

  /** `launch` to wait for. */
  launched(entry: Entry): Promise<Outcome> {
    return new Promise((resolve) => this.launch(entry, resolve));
  }

  /**
   * Stops those that run, last started first (dynamic ones all at once), and cancels their coming attempts, except that
   * of `pending`. Temporary and dynamic children are forgotten.
   */
  async stop(entries: readonly Entry[], pending?: Entry): Promise<void> {
    for (const entry of entries) if (entry !== pending) this.cancelNext(entry);
    const running = entries.filter((entry) => entry.child !== null).toReversed();
    const groups = this.dynamic && running.length > 0 ? [running] : running.map((entry) => [entry]);
    for (const group of groups) {
      for (const entry of group) entry.state = 'stopping';
      const children = group.map((entry) => entry.child as Child);
      const { shutdown } = (group[0] as Entry).spec;
      const reasons = await endChildren(
        children,
        this.#owner.killing() ? 'brutal_kill' : shutdown,
        this.around.clock,
      );
      group.forEach((entry, i) => this.#stopped(entry, reasons[i] as ExitReason));
    }
  }

  /** Kills everything that runs, without waiting. */
  kill(): void {
    for (const { child } of this.entries.values()) child?.kill();
  }

  /** Cancels the start that is under way and the one to come. */
  cancelNext(entry: Entry): void {
    entry.cancelTimer?.();
    entry.cancelTimer = null;
    entry.nextAttemptAt = null;
    entry.attempt?.cancel();
    if (entry.child === null) entry.state = 'stopped';
  }

  /** Gives an entry another spec; what runs goes on, and is treated by the new one from now on. */
  respec(entry: Entry, spec: ResolvedChildSpec): void {
    // A running temporary dynamic child has lost its arguments: it cannot become one that is started again.
    const lost = this.dynamic && entry.spec.restart === 'temporary';
    entry.spec = lost ? { ...spec, restart: 'temporary' } : spec;
  }

  /** Tells the log in words and the listener in facts. */
  report(context: Report['context'], reason: ExitReason | null, entry: Entry, retryInMs?: number): void {
    const { restart, shutdown, type } = entry.spec;
    const offender = { id: entry.id, restart, shutdown, type };
    const report: Report = { supervisor: this.path, context, reason, offender };
    if (retryInMs !== undefined) report.retryInMs = retryInMs;
    if (reason) entry.lastCause = cut(exitInWords(reason), 500);
    this.around.log(levelOf(report), formatReport(report), {
      supervisor: this.path,
      child: entry.id,
      context,
    });
    this.around.onReport(report);
  }

  #adopt(entry: Entry, child: Child): void {
    entry.child = child;
    entry.state = 'running';
    this.#ever.set(child, entry);
    this.#forgetStart(entry);
    this.#owner.onStarted(entry);
    void exitOf(child).then((reason) => this.#owner.onExit(entry, child, reason));
  }

  /** A temporary child is never started again: what it was started with must not stay in memory. */
  #forgetStart(entry: Entry): void {
    if (entry.spec.restart !== 'temporary') return;
    entry.args = [];
    if (!this.dynamic) entry.spec = { ...entry.spec, start: SPENT_START };
  }

  #stopped(entry: Entry, reason: ExitReason): void {
    const { restart, shutdown } = entry.spec;
    entry.child = null;
    entry.state = 'stopped';
    if (this.dynamic || restart === 'temporary') this.entries.delete(entry.id);
    const asAsked =
      shutdown === 'brutal_kill'
        ? reason.kind === 'killed'
        : reason.kind === 'shutdown' || (reason.kind === 'normal' && restart !== 'permanent');
    if (!asAsked && !this.#owner.killing()) this.report('shutdown_error', reason, entry);
  }
}
