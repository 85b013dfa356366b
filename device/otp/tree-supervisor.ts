/**
 * The one implementation of `Supervisor`.
 * Owns: the order of things: exits, calls and retries go through its mailbox one at a time. brood.ts starts and stops
 * children, restarts.ts decides about exits.
 * Refuses: to know what a child does; to be hung by one (starts, stops and kills all have limits, and a retry is a
 * message to itself that any other message can overtake).
 * Made by `startSupervisor` only.
 */
import type { TreeRow } from '../../src/shared/device-contract.ts';
import { MusterError, toMusterError } from '../../src/shared/errors.ts';
import type { Outcome, Surroundings } from './attempt.ts';
import { Brood } from './brood.ts';
import { countEntries, findBelow, rowsOf } from './census.ts';
import { type Child, type ExitReason, KILLED, SHUTDOWN } from './child.ts';
import { isIndependent } from './decision.ts';
import { ABANDON_AFTER_MS } from './ending.ts';
import { type Entry, newEntry } from './entry.ts';
import { Mailbox } from './mailbox.ts';
import { Restarts } from './restarts.ts';
import type { ChildCounts, ChildInfo, Refusal, Supervisor } from './supervisor.ts';
import {
  type AnyChildSpec,
  type Flags,
  resolveChildSpec,
  type ResolvedChildSpec,
  resolveSpec,
  type SupervisorSpec,
} from './supervisor-spec.ts';

export class TreeSupervisor implements Supervisor {
  readonly path: string;
  readonly exited: Promise<ExitReason>;
  readonly #exit: (reason: ExitReason) => void;
  readonly #around: Surroundings;
  readonly #mailbox = new Mailbox((error) => this.#killWith({ kind: 'error', error }));
  readonly #brood: Brood;
  readonly #restarts: Restarts;
  #flags: Flags;
  /** Under simple_one_for_one. */
  #template: ResolvedChildSpec | null = null;
  #dynamicCount = 0;
  /** Set as soon as the end is certain. */
  #ending: ExitReason | null = null;
  #ended = false;

  constructor(path: string, flags: Flags, around: Surroundings) {
    this.path = path;
    this.#flags = flags;
    this.#around = around;
    this.#brood = new Brood(path, flags.strategy === 'simple_one_for_one', around, {
      onStarted: (entry) => this.#restarts.started(entry),
      onExit: (entry, child, reason) => {
        this.#mailbox.post(() => this.#restarts.exited(entry, child, reason));
      },
      killing: () => this.#ending?.kind === 'killed',
    });
    this.#restarts = new Restarts(this.#brood, {
      flags: () => this.#flags,
      ending: () => this.#ending,
      end: (reason) => this.#end(reason),
      post: (job) => this.#mailbox.post(job),
    });
    const { promise, resolve } = Promise.withResolvers<ExitReason>();
    this.exited = promise;
    this.#exit = resolve;
  }

  /** Starts the declared children in order. When one fails, those before it are stopped and the cause is thrown. */
  start(specs: readonly ResolvedChildSpec[]): Promise<void> {
    return this.#mailbox.call(async (reply, refuse) => {
      if (this.#brood.dynamic) {
        this.#template = specs[0] ?? null;
        return reply();
      }
      for (const spec of specs) {
        const entry = newEntry(spec.id, spec, this.#restarts.tallyFor());
        this.#brood.entries.set(entry.id, entry);
        const outcome = await this.#brood.launched(entry);
        if (outcome.kind === 'ignored' && spec.restart === 'temporary') this.#brood.entries.delete(entry.id);
        if ('error' in outcome)
          this.#brood.report('start_error', { kind: 'error', error: outcome.error }, entry);
        else if (!this.#ending) continue;
        const cause =
          'error' in outcome ? outcome.error : new MusterError('CANCELLED', 'stopped while starting');
        const message = `${this.path}: child "${spec.id}" did not start`;
        const error = new MusterError(toMusterError(cause).code, message, { child: spec.id }, cause);
        this.#end({ kind: 'error', error });
        void this.exited.then(() => refuse(error));
        return;
      }
      reply();
    });
  }

  startChild<C extends Child = Child>(what: AnyChildSpec | readonly unknown[]): Promise<C | 'ignore'> {
    return this.#mailbox.call<Child | 'ignore'>((reply, refuse) => {
      const entry = this.#newcomer(what);
      this.#brood.entries.set(entry.id, entry);
      return this.#startForCaller(entry, reply, refuse, () => {
        this.#brood.entries.delete(entry.id);
      });
    }) as Promise<C | 'ignore'>;
  }

  terminateChild(ref: string | Child): Promise<void> {
    const starting = this.#brood.find(ref)?.attempt;
    starting?.cancel();
    return this.#mailbox.call(async (reply) => {
      const entry = this.#brood.find(ref);
      if (entry) {
        await this.#brood.stop([entry]);
        this.#restarts.readmit(entry);
      } else if (typeof ref === 'string' && this.#brood.dynamic)
        throw this.#refusal('simple_one_for_one', ref);
      else if (!starting && (typeof ref === 'string' || !this.#brood.knew(ref))) {
        throw this.#refusal('not_found', ref);
      }
      reply();
    });
  }

  restartChild(id: string): Promise<Child | 'ignore'> {
    return this.#mailbox.call((reply, refuse) => {
      const entry = this.#stoppedEntry(id, ['stopped', 'gave-up']);
      this.#brood.cancelNext(entry);
      return this.#startForCaller(entry, reply, refuse, (error) => this.#restarts.failedByHand(entry, error));
    });
  }

  deleteChild(id: string): Promise<void> {
    return this.#mailbox.call((reply) => {
      this.#brood.entries.delete(this.#stoppedEntry(id, ['stopped']).id);
      reply();
    });
  }

  change(spec: SupervisorSpec | 'ignore'): Promise<void> {
    return this.#mailbox.call((reply) => {
      if (spec !== 'ignore') this.#change(spec);
      reply();
    });
  }

  whichChildren(): ChildInfo[] {
    const infos: ChildInfo[] = [];
    for (const { id, state, child, spec } of this.#brood.entries.values()) {
      infos.push({ id, state, child, type: spec.type });
    }
    return infos;
  }

  countChildren(): ChildCounts {
    return countEntries(this.#brood.entries.values(), this.#brood.dynamic);
  }

  childSpec(ref: string | Child): ResolvedChildSpec {
    const entry = this.#brood.find(ref);
    if (!entry) throw this.#refusal('not_found', ref);
    return entry.spec;
  }

  get flags(): Flags {
    return this.#flags;
  }

  find(path: string): Child | null {
    return findBelow(this.#brood.entries, path);
  }

  rows(): TreeRow[] {
    const state = this.#ended ? 'stopped' : this.#ending ? 'stopping' : 'running';
    const now = this.#around.clock.monotonic();
    return rowsOf(this.path, state, this.#brood.entries.values(), now, this.#flags.periodMs);
  }

  shutdown(): void {
    this.#end(SHUTDOWN);
  }

  kill(): void {
    this.#killWith(KILLED);
  }

  // ---- the work of the calls

  #startForCaller(
    entry: Entry,
    reply: (child: Child | 'ignore') => void,
    refuse: (error: unknown) => void,
    onFailed: (error: unknown) => void,
  ): void | Promise<void> {
    const done = (outcome: Outcome): void => {
      if (outcome.kind === 'started') return reply(outcome.child);
      if (outcome.kind === 'ignored') {
        if (this.#brood.dynamic || entry.spec.restart === 'temporary') this.#brood.entries.delete(entry.id);
        return reply('ignore');
      }
      onFailed(outcome.error);
      refuse(outcome.error);
    };
    // Where siblings are independent, nobody else has to wait for a slow start.
    if (isIndependent(this.#flags.strategy)) return this.#brood.launch(entry, done);
    return new Promise((resolve) => {
      this.#brood.launch(entry, (outcome) => {
        done(outcome);
        resolve();
      });
    });
  }

  #change(spec: SupervisorSpec): void {
    const { flags, children } = resolveSpec(spec);
    if ((flags.strategy === 'simple_one_for_one') !== this.#brood.dynamic) {
      const message = `${this.path}: a running supervisor cannot change to or from simple_one_for_one`;
      throw new MusterError('BAD_INPUT', message, { field: 'strategy', actual: flags.strategy });
    }
    this.#flags = flags;
    const { entries } = this.#brood;
    const [template] = children;
    if (this.#brood.dynamic && template) {
      this.#template = template;
      for (const entry of entries.values()) this.#brood.respec(entry, template);
    } else {
      const kept = new Map(entries);
      entries.clear();
      for (const child of children) {
        const known = kept.get(child.id);
        if (known) this.#brood.respec(known, child);
        entries.set(child.id, known ?? newEntry(child.id, child, this.#restarts.tallyFor()));
        kept.delete(child.id);
      }
      for (const [id, entry] of kept) entries.set(id, entry);
    }
    for (const entry of entries.values()) this.#restarts.recount(entry);
  }

  // ---- the end

  #end(reason: ExitReason): void {
    if (this.#ending) return;
    this.#ending = reason;
    for (const entry of this.#brood.entries.values()) this.#brood.cancelNext(entry);
    this.#mailbox.post(async () => {
      await this.#brood.stop([...this.#brood.entries.values()]);
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
    this.#brood.kill();
    // A child that cannot even be killed must not hang the one who kills.
    const cancel = this.#around.clock.after(ABANDON_AFTER_MS, () => this.#finish());
    void this.exited.then(cancel);
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#restarts.finish();
    this.#exit(this.#ending ?? SHUTDOWN);
  }

  // ---- who is who

  #newcomer(what: AnyChildSpec | readonly unknown[]): Entry {
    const template = this.#template;
    if (template) {
      if (!Array.isArray(what)) throw this.#refusal('simple_one_for_one', 'a child spec');
      return newEntry(`${template.id}#${++this.#dynamicCount}`, template, this.#restarts.tallyFor(), what);
    }
    const spec = resolveChildSpec(what as AnyChildSpec, this.#flags.autoShutdown);
    const present = this.#brood.entries.get(spec.id);
    if (present) throw this.#refusal(present.child ? 'already_started' : 'already_present', spec.id);
    return newEntry(spec.id, spec, this.#restarts.tallyFor());
  }

  #stoppedEntry(id: string, allowed: readonly TreeRow['state'][]): Entry {
    if (this.#brood.dynamic) throw this.#refusal('simple_one_for_one', id);
    const entry = this.#brood.entries.get(id);
    if (!entry) throw this.#refusal('not_found', id);
    if (!allowed.includes(entry.state)) throw this.#refusal(entry.child ? 'running' : 'restarting', id);
    return entry;
  }

  #refusal(refused: Refusal, ref: string | Child): MusterError {
    const child = typeof ref === 'string' ? ref : 'a child';
    return new MusterError('BAD_INPUT', `${this.path}: ${child}: ${refused}`, { refused, child });
  }
}
