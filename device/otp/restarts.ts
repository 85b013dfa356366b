/**
 * When and how children come back: restart type, strategy, intensity, back-off, giving up.
 * Owns: the counts of restarts. Every step runs in the supervisor's mailbox, and a retry after a failed start is a
 * message of its own there, so that a shutdown or a terminate overtakes it.
 * Called by tree-supervisor.ts only.
 */
import type { Outcome } from './attempt.ts';
import { waitAfter } from './backoff.ts';
import type { Brood } from './brood.ts';
import type { Child, ExitReason } from './child.ts';
import { endsSupervisor, fateAfter, isFault, isIndependent, restartScope } from './decision.ts';
import { type Entry, newTally, type Tally } from './entry.ts';
import { exitInWords } from './report.ts';
import { addRestart, EMPTY_WINDOW } from './restart-window.ts';
import type { Flags } from './supervisor-spec.ts';

/** What the supervisor lends. */
export interface RestartsOwner {
  flags(): Flags;
  /** Why the supervisor ends, once that is certain. */
  ending(): ExitReason | null;
  end(reason: ExitReason): void;
  post(job: () => void | Promise<void>): void;
}

export class Restarts {
  readonly #brood: Brood;
  readonly #owner: RestartsOwner;
  /** Of all children together, unless each is counted by itself. */
  readonly #shared: Tally = newTally();

  constructor(brood: Brood, owner: RestartsOwner) {
    this.#brood = brood;
    this.#owner = owner;
  }

  /** A child ended by itself: restart it, keep its spec, forget it, or end the supervisor with it. */
  exited(entry: Entry, child: Child, reason: ExitReason): void | Promise<void> {
    if (entry.child !== child || this.#owner.ending()) return;
    entry.child = null;
    const { restart, significant } = entry.spec;
    if (restart === 'permanent' || isFault(reason)) this.#brood.report('child_terminated', reason, entry);
    const fate = fateAfter(restart, reason, this.#owner.flags().strategy);
    if (fate === 'restart') {
      const ran = this.#brood.around.clock.monotonic() - (entry.startedAt ?? 0);
      const wellAfter = this.#owner.flags().backoff?.resetAfterMs ?? this.#owner.flags().periodMs;
      entry.failures = ran >= wellAfter ? 1 : entry.failures + 1;
      return this.#restart(entry, reason);
    }
    entry.state = 'stopped';
    if (fate === 'forget') this.#brood.entries.delete(entry.id);
    if (endsSupervisor(this.#owner.flags().autoShutdown, significant, () => this.#significantUp())) {
      this.#owner.end({ kind: 'shutdown', detail: `significant child "${entry.id}" ended` });
    }
  }

  #restart(entry: Entry, reason: ExitReason): void | Promise<void> {
    const { clock, random } = this.#brood.around;
    const { backoff, strategy } = this.#owner.flags();
    const now = clock.monotonic();
    const { tally } = entry;
    if (tally.leftOut === entry.id) tally.cancelHold?.();
    const { window, allowed } = addRestart(tally.window, entry.id, now, this.#owner.flags());
    tally.window = window;
    if (!allowed || tally.leftOut === entry.id) return this.#tooOften(entry, reason);
    entry.state = 'restarting';
    const wait = backoff ? waitAfter(backoff, entry.failures, random) : 0;
    // One that fails over and over in the same moment must not keep everything else from running.
    const atOnce = wait === 0 && (entry.failures <= 1 || now - (entry.startedAt ?? 0) >= 1);
    if (atOnce) return this.#attempt(entry);
    this.#attemptIn(entry, wait);
    if (!isIndependent(strategy)) return this.#brood.stop(this.#scopeOf(entry), entry);
  }

  #attemptIn(entry: Entry, ms: number): void {
    const { clock } = this.#brood.around;
    entry.nextAttemptAt = clock.monotonic() + ms;
    entry.cancelTimer = clock.after(ms, () => {
      entry.cancelTimer = null;
      this.#owner.post(() => this.#attempt(entry));
    });
  }

  async #attempt(entry: Entry): Promise<void> {
    if (this.#owner.ending() || (entry.state !== 'restarting' && entry.state !== 'gave-up')) return;
    entry.nextAttemptAt = null;
    if (isIndependent(this.#owner.flags().strategy)) {
      this.#brood.launch(entry, (outcome) => this.#afterRestart(entry, outcome));
      return;
    }
    await this.#brood.stop(this.#scopeOf(entry));
    for (const member of this.#scopeOf(entry)) {
      if (this.#owner.ending()) return;
      const outcome = await this.#brood.launched(member);
      this.#afterRestart(member, outcome);
      // Those already started again are stopped by the next round.
      if (outcome.kind === 'failed') return;
    }
  }

  #afterRestart(entry: Entry, outcome: Outcome): void {
    if (this.#owner.ending()) return;
    switch (outcome.kind) {
      case 'started':
      case 'cancelled':
        return;
      case 'ignored':
        if (this.#brood.dynamic) this.#brood.entries.delete(entry.id);
        return;
      case 'failed': {
        const reason: ExitReason = { kind: 'error', error: outcome.error };
        this.#brood.report('start_error', reason, entry);
        entry.failures++;
        entry.state = 'restarting';
        this.#owner.post(() => (entry.state === 'restarting' ? this.#restart(entry, reason) : undefined));
      }
    }
  }

  #tooOften(entry: Entry, reason: ExitReason): void | Promise<void> {
    if (this.#owner.flags().giveUp) {
      this.#leaveOut(entry, reason);
      return isIndependent(this.#owner.flags().strategy)
        ? undefined
        : this.#brood.stop(this.#scopeOf(entry), entry);
    }
    const { intensity, periodMs } = this.#owner.flags();
    entry.state = 'stopped';
    this.#brood.report('shutdown', reason, entry);
    const detail = `"${entry.id}" had to be restarted more than ${intensity} times in ${periodMs} ms: ${exitInWords(reason)}`;
    this.#owner.end({ kind: 'shutdown', detail });
  }

  /** Leaves a child out with an alarm, until the next attempt. */
  #leaveOut(entry: Entry, reason: ExitReason): void {
    const retryInMs = this.#owner.flags().giveUp?.retryMs ?? 0;
    const { tally } = entry;
    entry.state = 'gave-up';
    tally.window = EMPTY_WINDOW;
    this.#attemptIn(entry, retryInMs);
    // The alarm stands until the child is well again; it is not raised anew by every attempt.
    if (tally.leftOut !== entry.id) this.#brood.report('gave_up', reason, entry, retryInMs);
    tally.leftOut = entry.id;
  }

  /** Once left out and running again: after a whole period without a fault the alarm is over. */
  started(entry: Entry): void {
    const { tally } = entry;
    if (tally.leftOut !== entry.id) return;
    tally.cancelHold?.();
    tally.cancelHold = this.#brood.around.clock.after(this.#owner.flags().periodMs, () =>
      this.readmit(entry),
    );
  }

  /** Ends the alarm about a child, if there is one: it is well, or was stopped on purpose. */
  readmit(entry: Entry): void {
    const { tally } = entry;
    if (tally.leftOut !== entry.id) return;
    tally.cancelHold?.();
    tally.cancelHold = null;
    tally.leftOut = null;
    this.#brood.report('recovered', null, entry);
  }

  /** A start by hand failed: one that was left out is left out again. */
  failedByHand(entry: Entry, error: unknown): void {
    if (entry.tally.leftOut === entry.id) this.#leaveOut(entry, { kind: 'error', error });
  }

  #scopeOf(entry: Entry): Entry[] {
    return restartScope(this.#owner.flags().strategy, this.#brood.entries.values(), entry);
  }

  /** Where the restarts of a new child are counted. */
  tallyFor(): Tally {
    return this.#owner.flags().giveUp && isIndependent(this.#owner.flags().strategy)
      ? newTally()
      : this.#shared;
  }

  /** Puts a child's restarts on the tally that the flags now ask for; what was counted elsewhere is let go. */
  recount(entry: Entry): void {
    const tally = this.tallyFor();
    if (!this.#owner.flags().giveUp) this.readmit(entry);
    if ((tally === this.#shared) !== (entry.tally === this.#shared)) entry.tally = tally;
  }

  /** Lets go of all timers. */
  finish(): void {
    this.#shared.cancelHold?.();
    for (const { tally } of this.#brood.entries.values()) tally.cancelHold?.();
  }

  #significantUp(): boolean {
    for (const { spec, state } of this.#brood.entries.values())
      if (spec.significant && state !== 'stopped') return true;
    return false;
  }
}
