/**
 * The one implementation of `Supervisor`.
 * Owns: the entries of its children and every decision about them, one at a time, in its mailbox.
 * Refuses: to know what a child does; to be hung by one (starts, stops and kills all have limits, and a retry is a
 * message to itself that any other message can overtake).
 * Made by `startSupervisor` only.
 */
import type { TreeRow } from '../../src/shared/device-contract.ts';
import { MusterError, toMusterError } from '../../src/shared/errors.ts';
import { Attempt, type Outcome, type Surroundings } from './attempt.ts';
import { waitAfter } from './backoff.ts';
import { type Child, type ExitReason, KILLED, SHUTDOWN } from './child.ts';
import { endsSupervisor, fateAfter, isFault, isIndependent, restartScope } from './decision.ts';
import { ABANDON_AFTER_MS, endChildren, exitOf } from './ending.ts';
import { childRows, type Entry, newEntry, newTally, type Tally } from './entry.ts';
import { Mailbox } from './mailbox.ts';
import { cut, exitInWords, formatReport, levelOf, type Report } from './report.ts';
import { addRestart, EMPTY_WINDOW } from './restart-window.ts';
import type { ChildCounts, ChildInfo, Refusal, Supervisor } from './supervisor.ts';
import {
  type AnyChildSpec,
  type Flags,
  resolveChildSpec,
  type ResolvedChildSpec,
} from './supervisor-spec.ts';

const SPENT_START = (): never => {
  throw new MusterError('INTERNAL', 'a temporary child is never started again');
};

export class TreeSupervisor implements Supervisor {
  readonly path: string;
  readonly exited: Promise<ExitReason>;
  readonly #exit: (reason: ExitReason) => void;
  readonly #around: Surroundings;
  readonly #mailbox = new Mailbox((error) => this.#killWith({ kind: 'error', error }));
  /** By id, in start order. */
  #entries = new Map<string, Entry>();
  /** The entry of every child that was ever here, so that a dead one can be told from a foreign one. */
  readonly #owner = new WeakMap<Child, Entry>();
  #flags: Flags;
  /** The declared children; the template under simple_one_for_one. */
  #specs: readonly ResolvedChildSpec[];
  readonly #tally: Tally = newTally();
  #dynamicCount = 0;
  /** Set as soon as the end is certain. */
  #ending: ExitReason | null = null;
  #ended = false;

  constructor(path: string, flags: Flags, specs: readonly ResolvedChildSpec[], around: Surroundings) {
    this.path = path;
    this.#flags = flags;
    this.#specs = specs;
    this.#around = around;
    const { promise, resolve } = Promise.withResolvers<ExitReason>();
    this.exited = promise;
    this.#exit = resolve;
  }

  /** Starts the declared children in order. When one fails, those before it are stopped and the cause is thrown. */
  start(): Promise<void> {
    return this.#mailbox.call(async (reply, refuse) => {
      if (this.#flags.strategy === 'simple_one_for_one') return reply();
      for (const spec of this.#specs) {
        const entry = newEntry(spec.id, spec, this.#tallyFor());
        this.#entries.set(entry.id, entry);
        const outcome = await this.#launched(entry);
        if (outcome.kind === 'ignored' && spec.restart === 'temporary') this.#entries.delete(entry.id);
        if (outcome.kind !== 'failed' && outcome.kind !== 'cancelled' && !this.#ending) continue;
        let cause: unknown = new MusterError('CANCELLED', 'stopped while starting');
        if ('error' in outcome) cause = outcome.error;
        const error = new MusterError(
          toMusterError(cause).code,
          `${this.path}: child "${spec.id}" did not start`,
          { child: spec.id },
          cause,
        );
        this.#report('start_error', { kind: 'error', error: cause }, entry);
        this.#end({ kind: 'error', error });
        void this.exited.then(() => refuse(error));
        return;
      }
      reply();
    });
  }

  /**
   * Starts one more child: of a spec, or, under simple_one_for_one, of the template with these arguments.
   * Returns the very child that the start function gave. Throws what a failed start threw, and then knows nothing of
   * the child; BAD_INPUT {refused: already_started | already_present} or {field}.
   */
  startChild<C extends Child = Child>(what: AnyChildSpec | readonly unknown[]): Promise<C | 'ignore'> {
    return this.#mailbox.call((reply, refuse) => {
      const entry = this.#newcomer(what);
      this.#entries.set(entry.id, entry);
      return this.#startForCaller(entry, reply as (value: Child | 'ignore') => void, refuse, () => {
        this.#entries.delete(entry.id);
      });
    });
  }

  /** Stops a child (by id; a dynamic one by itself) and cancels its restart; its spec stays unless temporary or dynamic. */
  terminateChild(ref: string | Child): Promise<void> {
    const starting = this.#known(ref)?.attempt;
    starting?.cancel();
    return this.#mailbox.call(async (reply) => {
      const entry = this.#known(ref);
      if (entry) await this.#stopEntries([entry]);
      else if (starting) return reply();
      else if (typeof ref === 'string' && this.#isDynamic()) throw this.#refusal('simple_one_for_one', ref);
      else if (typeof ref === 'string' || !this.#isDynamic() || !this.#owner.has(ref))
        throw this.#refusal('not_found', ref);
      reply();
    });
  }

  /** Starts a stopped or left-out child again. Throws BAD_INPUT {refused: running | restarting | not_found | simple_one_for_one}. */
  restartChild(id: string): Promise<Child | 'ignore'> {
    return this.#mailbox.call((reply, refuse) => {
      const entry = this.#stoppedEntry(id, ['stopped', 'gave-up']);
      this.#cancelNext(entry);
      return this.#startForCaller(entry, reply, refuse, (error) => {
        if (entry.tally.probation) this.#leaveOut(entry, { kind: 'error', error });
      });
    });
  }

  /** Forgets a stopped child. Throws BAD_INPUT {refused: running | restarting | not_found | simple_one_for_one}. */
  deleteChild(id: string): Promise<void> {
    return this.#mailbox.call((reply) => {
      this.#entries.delete(this.#stoppedEntry(id, ['stopped']).id);
      reply();
    });
  }

  /** All children in start order. */
  whichChildren(): ChildInfo[] {
    return [...this.#entries.values()].map(({ id, state, child, spec }) => ({
      id,
      state,
      child,
      type: spec.type,
    }));
  }

  countChildren(): ChildCounts {
    const counts = {
      specs: this.#isDynamic() ? 1 : this.#entries.size,
      active: 0,
      supervisors: 0,
      workers: 0,
    };
    for (const { child, spec } of this.#entries.values()) {
      if (child) counts.active++;
      if (spec.type === 'supervisor') counts.supervisors++;
      else counts.workers++;
    }
    return counts;
  }

  /** This supervisor and all below it, parents before children. */
  rows(): TreeRow[] {
    const now = this.#around.clock.monotonic();
    const state = this.#ended ? 'stopped' : this.#ending ? 'stopping' : 'running';
    const self: TreeRow = {
      path: this.path,
      kind: 'supervisor',
      state,
      restarts: 0,
      restartsInWindow: 0,
      nextAttemptMs: null,
      lastCause: this.#ending && isFault(this.#ending) ? cut(exitInWords(this.#ending), 500) : null,
    };
    return [self, ...childRows(this.path, this.#entries.values(), now, this.#flags.periodMs)];
  }

  shutdown(): void {
    this.#end(SHUTDOWN);
  }

  kill(): void {
    this.#killWith(KILLED);
  }

  // ---- exits and restarts

  #exitedByItself(entry: Entry, child: Child, reason: ExitReason): void | Promise<void> {
    if (entry.child !== child || this.#ending) return;
    entry.child = null;
    const { restart, significant } = entry.spec;
    if (restart === 'permanent' || isFault(reason)) this.#report('child_terminated', reason, entry);
    const fate = fateAfter(restart, reason, this.#flags.strategy);
    if (fate === 'restart') {
      const ran = this.#around.clock.monotonic() - entry.startedAt;
      const wellAfter = this.#flags.backoff?.resetAfterMs ?? this.#flags.periodMs;
      entry.failures = ran >= wellAfter ? 1 : entry.failures + 1;
      return this.#restart(entry, reason);
    }
    entry.state = 'stopped';
    if (fate === 'forget') this.#entries.delete(entry.id);
    if (endsSupervisor(this.#flags.autoShutdown, significant, () => this.#significantUp())) {
      this.#end({ kind: 'shutdown', detail: `significant child "${entry.id}" ended` });
    }
  }

  #restart(entry: Entry, reason: ExitReason): void | Promise<void> {
    const { clock, random } = this.#around;
    const { backoff, strategy } = this.#flags;
    const now = clock.monotonic();
    const { tally } = entry;
    tally.cancelHold?.();
    const { window, allowed } = addRestart(tally.window, entry.id, now, this.#flags);
    tally.window = window;
    if (!allowed || tally.probation) return this.#tooOften(entry, reason);
    entry.state = 'restarting';
    const wait = backoff ? waitAfter(backoff, entry.failures, random) : 0;
    // One that fails over and over in the same moment must not keep everything else from running.
    const atOnce = wait === 0 && (entry.failures <= 1 || now - entry.startedAt >= 1);
    if (atOnce) return this.#attempt(entry);
    this.#attemptIn(entry, wait);
    if (!isIndependent(strategy)) return this.#stopEntries(this.#scopeOf(entry), entry);
  }

  #attemptIn(entry: Entry, ms: number): void {
    const { clock } = this.#around;
    entry.nextAttemptAt = clock.monotonic() + ms;
    entry.cancelTimer = clock.after(ms, () => {
      entry.cancelTimer = null;
      this.#mailbox.post(() => this.#attempt(entry));
    });
  }

  async #attempt(entry: Entry): Promise<void> {
    if (this.#ending || (entry.state !== 'restarting' && entry.state !== 'gave-up')) return;
    entry.nextAttemptAt = null;
    entry.restarts++;
    if (isIndependent(this.#flags.strategy)) {
      this.#launch(entry, (outcome) => this.#afterRestart(entry, outcome));
      return;
    }
    const scope = this.#scopeOf(entry);
    await this.#stopEntries(scope);
    for (const member of this.#scopeOf(entry)) {
      if (this.#ending) return;
      const outcome = await this.#launched(member);
      this.#afterRestart(member, outcome);
      if (outcome.kind !== 'failed') continue;
      if (this.#flags.strategy === 'one_for_all') await this.#stopEntries(this.#scopeOf(member), member);
      return;
    }
  }

  #afterRestart(entry: Entry, outcome: Outcome): void {
    if (this.#ending) return;
    switch (outcome.kind) {
      case 'started':
      case 'cancelled':
        return;
      case 'ignored':
        if (this.#isDynamic()) this.#entries.delete(entry.id);
        return;
      case 'failed': {
        const reason: ExitReason = { kind: 'error', error: outcome.error };
        this.#report('start_error', reason, entry);
        entry.failures++;
        entry.state = 'restarting';
        this.#mailbox.post(() => (entry.state === 'restarting' ? this.#restart(entry, reason) : undefined));
      }
    }
  }

  #tooOften(entry: Entry, reason: ExitReason): void | Promise<void> {
    if (this.#flags.giveUp) {
      this.#leaveOut(entry, reason);
      return isIndependent(this.#flags.strategy) ? undefined : this.#stopEntries(this.#scopeOf(entry), entry);
    }
    const { intensity, periodMs } = this.#flags;
    entry.state = 'stopped';
    this.#report('shutdown', reason, entry);
    const detail = `"${entry.id}" had to be restarted more than ${intensity} times in ${periodMs} ms: ${exitInWords(reason)}`;
    this.#end({ kind: 'shutdown', detail });
  }

  #leaveOut(entry: Entry, reason: ExitReason): void {
    const retryInMs = this.#flags.giveUp?.retryMs ?? 0;
    const { tally } = entry;
    entry.state = 'gave-up';
    tally.window = EMPTY_WINDOW;
    this.#attemptIn(entry, retryInMs);
    // The alarm stands until the child is well again; it is not raised anew by every attempt.
    if (!tally.probation) this.#report('gave_up', reason, entry, retryInMs);
    tally.probation = true;
  }

  // ---- starting and stopping

  #launch(entry: Entry, done: (outcome: Outcome) => void): void {
    const attempt = new Attempt(entry.id, `${this.path}/${entry.id}`, this.#around);
    entry.attempt = attempt;
    entry.state = 'starting';
    entry.startedAt = this.#around.clock.monotonic();
    attempt.run(entry.spec, entry.args, (outcome) => {
      entry.attempt = null;
      if (outcome.kind === 'started') this.#adopt(entry, outcome.child);
      else entry.state = 'stopped';
      done(outcome);
    });
  }

  #launched(entry: Entry): Promise<Outcome> {
    return new Promise((resolve) => this.#launch(entry, resolve));
  }

  #adopt(entry: Entry, child: Child): void {
    entry.child = child;
    entry.state = 'running';
    this.#owner.set(child, entry);
    if (entry.spec.restart === 'temporary') {
      // Never started again: what it was started with must not stay in memory.
      entry.args = [];
      if (!this.#isDynamic()) entry.spec = { ...entry.spec, start: SPENT_START };
    }
    if (entry.tally.probation) this.#holdOut(entry);
    void exitOf(child).then((reason) => this.#mailbox.post(() => this.#exitedByItself(entry, child, reason)));
    if (this.#ending?.kind === 'killed') child.kill();
  }

  #holdOut(entry: Entry): void {
    const { tally } = entry;
    tally.cancelHold?.();
    tally.cancelHold = this.#around.clock.after(this.#flags.periodMs, () => {
      tally.cancelHold = null;
      tally.probation = false;
      this.#report('recovered', null, entry);
    });
  }

  #startForCaller(
    entry: Entry,
    reply: (child: Child | 'ignore') => void,
    refuse: (error: unknown) => void,
    onFailed: (error: unknown) => void,
  ): void | Promise<void> {
    const done = (outcome: Outcome): void => {
      if (outcome.kind === 'started') return reply(outcome.child);
      if (outcome.kind === 'ignored') {
        if (this.#isDynamic() || entry.spec.restart === 'temporary') this.#entries.delete(entry.id);
        return reply('ignore');
      }
      onFailed(outcome.error);
      refuse(outcome.error);
    };
    // Where siblings are independent, nobody else has to wait for a slow start.
    if (isIndependent(this.#flags.strategy)) this.#launch(entry, done);
    else return this.#launched(entry).then(done);
  }

  /**
   * Stops those that run, last started first (dynamic ones all at once), and cancels their coming attempts; `pending`
   * keeps the one it waits for. Temporary and dynamic children are forgotten.
   */
  async #stopEntries(entries: readonly Entry[], pending?: Entry): Promise<void> {
    for (const entry of entries) if (entry !== pending) this.#cancelNext(entry);
    const running = entries.filter((entry) => entry.child !== null).toReversed();
    const groups = this.#isDynamic() ? [running] : running.map((entry) => [entry]);
    for (const group of groups) {
      const children = group.map((entry) => entry.child as Child);
      for (const entry of group) entry.state = 'stopping';
      const shutdown =
        this.#ending?.kind === 'killed' ? 'brutal_kill' : (group[0]?.spec.shutdown ?? 'infinity');
      const reasons = await endChildren(children, shutdown, this.#around.clock);
      group.forEach((entry, i) => this.#stopped(entry, reasons[i] as ExitReason));
    }
  }

  #stopped(entry: Entry, reason: ExitReason): void {
    const { restart, shutdown } = entry.spec;
    entry.child = null;
    entry.state = 'stopped';
    if (this.#isDynamic() || restart === 'temporary') this.#entries.delete(entry.id);
    const asAsked =
      shutdown === 'brutal_kill'
        ? reason.kind === 'killed'
        : reason.kind === 'shutdown' || (reason.kind === 'normal' && restart !== 'permanent');
    if (!asAsked && this.#ending?.kind !== 'killed') this.#report('shutdown_error', reason, entry);
  }

  #cancelNext(entry: Entry): void {
    entry.cancelTimer?.();
    entry.cancelTimer = null;
    entry.nextAttemptAt = null;
    entry.attempt?.cancel();
    if (entry.child === null) entry.state = 'stopped';
  }

  // ---- the end

  #end(reason: ExitReason): void {
    if (this.#ending) return;
    this.#ending = reason;
    for (const entry of this.#entries.values()) this.#cancelNext(entry);
    this.#mailbox.post(async () => {
      await this.#stopEntries([...this.#entries.values()]);
      this.#finish();
    });
    this.#mailbox.close(
      new MusterError('CLOSED', `${this.path} has ended or is ending`, { supervisor: this.path }),
    );
  }

  #killWith(reason: ExitReason): void {
    if (this.#ended) return;
    this.#end(reason);
    this.#ending = reason;
    for (const { child } of this.#entries.values()) child?.kill();
    // A child that cannot even be killed must not hang the one who kills.
    const cancel = this.#around.clock.after(ABANDON_AFTER_MS, () => this.#finish());
    void this.exited.then(cancel);
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const { tally } of this.#entries.values()) tally.cancelHold?.();
    this.#exit(this.#ending ?? SHUTDOWN);
  }

  // ---- who is who

  #isDynamic(): boolean {
    return this.#flags.strategy === 'simple_one_for_one';
  }

  #scopeOf(entry: Entry): Entry[] {
    return restartScope(this.#flags.strategy, this.#entries.values(), entry);
  }

  #tallyFor(): Tally {
    return this.#flags.giveUp && isIndependent(this.#flags.strategy) ? newTally() : this.#tally;
  }

  #significantUp(): boolean {
    for (const { spec, state } of this.#entries.values())
      if (spec.significant && state !== 'stopped') return true;
    return false;
  }

  #newcomer(what: AnyChildSpec | readonly unknown[]): Entry {
    const template = this.#specs[0];
    if (this.#isDynamic() && template) {
      if (!Array.isArray(what)) throw this.#refusal('simple_one_for_one', 'a child spec');
      return newEntry(`${template.id}#${++this.#dynamicCount}`, template, this.#tallyFor(), what);
    }
    const spec = resolveChildSpec(what as AnyChildSpec, this.#flags.autoShutdown);
    const present = this.#entries.get(spec.id);
    if (present) throw this.#refusal(present.child ? 'already_started' : 'already_present', spec.id);
    return newEntry(spec.id, spec, this.#tallyFor());
  }

  /** The entry meant by an id, or, under simple_one_for_one, by a living child. */
  #known(ref: string | Child): Entry | undefined {
    if (typeof ref === 'string') return this.#isDynamic() ? undefined : this.#entries.get(ref);
    const entry = this.#isDynamic() ? this.#owner.get(ref) : undefined;
    return entry?.child === ref ? entry : undefined;
  }

  #stoppedEntry(id: string, allowed: readonly TreeRow['state'][]): Entry {
    if (this.#isDynamic()) throw this.#refusal('simple_one_for_one', id);
    const entry = this.#entries.get(id);
    if (!entry) throw this.#refusal('not_found', id);
    if (!allowed.includes(entry.state)) throw this.#refusal(entry.child ? 'running' : 'restarting', id);
    return entry;
  }

  #refusal(refused: Refusal, ref: string | Child): MusterError {
    const child = typeof ref === 'string' ? ref : 'a child';
    return new MusterError('BAD_INPUT', `${this.path}: ${child}: ${refused}`, { refused, child });
  }

  #report(context: Report['context'], reason: ExitReason | null, entry: Entry, retryInMs?: number): void {
    const { id, restart, shutdown, type } = entry.spec;
    const report: Report = {
      supervisor: this.path,
      context,
      reason,
      offender: { id, restart, shutdown, type },
    };
    if (retryInMs !== undefined) report.retryInMs = retryInMs;
    if (reason) entry.lastCause = cut(exitInWords(reason), 500);
    this.#around.log(levelOf(report), formatReport(report), { supervisor: this.path, child: id, context });
    this.#around.onReport(report);
  }
}
