/**
 * The way of readings into the journal: the intake where they arrive, the batcher, the journal's thread, and who pulls.
 * Owns: the number of the run, which journal is open, and why readings wait when they do. Refuses: to read a sensor and
 * to talk to anybody. Made by daemon.ts, started and ticked by the tree.
 */
import type { DeviceStatus } from '../src/shared/device-contract.ts';
import { MusterError, toMusterError } from '../src/shared/errors.ts';
import type { Log } from '../src/shared/log.ts';
import type { Clock } from '../src/shared/time.ts';
import type { Config } from './config.ts';
import { Batcher } from './journal/batcher.ts';
import { Intake } from './journal/intake.ts';
import type { Journal } from './journal/journal.ts';
import { startJournalThread } from './journal/journal-thread.ts';
import { tellRecovery } from './journal/recovery-words.ts';
import type { Child } from './otp/child.ts';
import { Pulls } from './stream/pulls.ts';
import type { ClockKeeper } from './time/clock-keeper.ts';

export interface RecordingOptions {
  /** File of the journal. */
  path: string;
  limits: Config['journal'];
  /** Program file the journal's thread is started from. */
  entry: URL;
  bootId: string;
  time: ClockKeeper;
  clock: Clock;
  log: Log;
}

/** What is told of readings that are not on the disk yet. */
type Waiting = Pick<
  DeviceStatus['journal'],
  'lostReadings' | 'waitingBytes' | 'mayLoseMs' | 'mayLoseIdleMs' | 'problem'
>;

export class Recording {
  readonly intake: Intake;
  readonly pulls: Pulls;
  readonly #options: RecordingOptions;
  readonly #batcher: Batcher;
  #journal: Journal | null = null;
  #run = 0;
  #fault: string | null = null;

  constructor(options: RecordingOptions) {
    const { clock, log } = options;
    this.#options = options;
    this.intake = new Intake(() => this.#batcher.seal());
    this.#batcher = new Batcher({
      intake: this.intake,
      journal: () => this.journal(),
      clock,
      log,
      onFlushed: (head) => this.pulls.flushed(head),
    });
    // what still waits is flushed by the batcher's next tick if this fails
    this.pulls = new Pulls(
      () => this.journal(),
      clock,
      () => void this.#batcher.flush().catch(() => {}),
    );
  }

  /** Number of the run now, 0 before the first. */
  get run(): number {
    return this.#run;
  }

  get isOpen(): boolean {
    return this.#journal !== null;
  }

  /** The open journal. Throws JOURNAL_FAILED while there is none. */
  journal(): Journal {
    if (!this.#journal) throw new MusterError('JOURNAL_FAILED', 'the journal is not open', {});
    return this.#journal;
  }

  /** Opens the journal in its thread, and the run. */
  async start(): Promise<Child> {
    const { entry, path, limits, time, bootId, log } = this.#options;
    const thread = await startJournalThread(entry, { path, maxBytes: limits.maxBytes });
    tellRecovery(thread.recovery, log);
    try {
      // What waits may have been kept by the journal that broke; then go on in a new run, since of this one's end some
      // may be gone, and no number is used for two batches.
      const broken = thread.recovery?.why === 'damaged';
      if (this.#run !== 0 && broken)
        this.#batcher.begin(this.#run, await thread.journal.lastBatch(this.#run));
      if (this.#run === 0 || broken) this.#run = await time.begin(thread.journal, bootId);
      this.#batcher.begin(this.#run, await thread.journal.lastBatch(this.#run));
    } catch (error) {
      thread.kill();
      throw error;
    }
    this.#journal = thread.journal;
    void thread.exited.then(() => {
      if (this.#journal === thread.journal) this.#journal = null;
    });
    return thread;
  }

  /** Flushes what is due. A journal that fails is its own child's fault: readings wait here for it. */
  async flushDue(): Promise<void> {
    const { limits, log } = this.#options;
    // half a tick early is on time
    if (this.#batcher.ageMs + limits.flushMs / 2 < this.#flushEveryMs) return;
    try {
      await this.#batcher.flush();
      this.#fault = null;
    } catch (error) {
      const fault = toMusterError(error).message;
      if (fault !== this.#fault) log('warn', 'readings wait for the journal', { why: fault });
      this.#fault = fault;
    }
  }

  /** Flushes all. */
  flush(): Promise<void> {
    return this.#batcher.flush();
  }

  /** Why readings wait, null when they do not. */
  get problem(): string | null {
    return this.isOpen ? this.#fault : 'it is not open';
  }

  waiting(): Waiting {
    return {
      lostReadings: this.#batcher.lostReadings,
      waitingBytes: this.#batcher.waitingBytes,
      mayLoseMs: Math.max(this.#flushEveryMs, Math.round(this.#batcher.unflushedMs)),
      mayLoseIdleMs: this.#options.limits.idleFlushMs,
      problem: this.#fault?.slice(0, 500) ?? null,
    };
  }

  get #flushEveryMs(): number {
    const { flushMs, idleFlushMs } = this.#options.limits;
    return this.pulls.watched ? flushMs : idleFlushMs;
  }
}
