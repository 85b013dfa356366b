/**
 * Answers pulls: batches after a cursor, waiting for the next flush when there are none yet.
 * Owns: who waits, and whether anybody watches. Refuses: to keep a cursor for anyone; each pull brings its own, so any
 * number of laptops go through the journal independently. Called by the control server; woken by the batcher.
 */
import { compareCursors, type Cursor } from '../../src/shared/reading.ts';
import type { Clock } from '../../src/shared/time.ts';
import type { Journal, JournalSlice } from '../journal/journal.ts';

/** Somebody who pulled this lately is still watching, ms. */
const WATCHED_MS = 5000;

export interface Pull {
  after: Cursor | null;
  maxBytes: number;
  waitMs: number;
  /** Default oldest. */
  order?: 'oldest' | 'newest' | undefined;
  /** With order newest: only what lies before this place. Null, or left out: from the head. */
  before?: Cursor | null | undefined;
}

export class Pulls {
  readonly #journal: () => Journal;
  readonly #clock: Clock;
  /** Called when the first watcher comes: readings that wait should be flushed now. */
  readonly #onWatched: () => void;
  readonly #waiting = new Set<() => void>();
  /** How many of those that wait watch. */
  #watching = 0;
  #head: Cursor | null = null;
  #lastPullAt = Number.NEGATIVE_INFINITY;

  constructor(journal: () => Journal, clock: Clock, onWatched: () => void) {
    this.#journal = journal;
    this.#clock = clock;
    this.#onWatched = onWatched;
  }

  /** Last batch that was flushed, null before the first. */
  get head(): Cursor | null {
    return this.#head;
  }

  /** True while somebody pulls. */
  get watched(): boolean {
    return this.#watching > 0 || this.#clock.monotonic() - this.#lastPullAt < WATCHED_MS;
  }

  /** The journal now ends at `head`: wakes all that wait. */
  flushed(head: Cursor): void {
    this.#head = head;
    for (const wake of this.#waiting) wake();
  }

  /** One pull. `signal`: the client has gone, the answer is not wanted any more. */
  async pull(pull: Pull, signal: AbortSignal): Promise<JournalSlice> {
    const unwatched = !this.watched;
    this.#lastPullAt = this.#clock.monotonic();
    if (unwatched) this.#onWatched();
    this.#watching++;
    try {
      return await this.pullQuietly(pull, signal);
    } finally {
      this.#watching--;
      this.#lastPullAt = this.#clock.monotonic();
    }
  }

  /** The same for who does not watch: readings are saved no oftener for it. */
  async pullQuietly(
    { after, maxBytes, waitMs, order, before = null }: Pull,
    signal: AbortSignal,
  ): Promise<JournalSlice> {
    const deadline = this.#clock.monotonic() + waitMs;
    for (;;) {
      const slice = await this.#journal().read(after, maxBytes, order === 'newest' ? before : undefined);
      const left = deadline - this.#clock.monotonic();
      // nothing comes to lie before a place that is written already
      const isWhole = slice.batches.length > 0 || (order === 'newest' && before !== null);
      if (isWhole || left <= 0 || signal.aborted) return slice;
      await this.#next(after, left, signal);
    }
  }

  /** Waits for a flush beyond `after`, `ms` at most. */
  #next(after: Cursor | null, ms: number, signal: AbortSignal): Promise<void> {
    // A flush between the read and now must not be slept through.
    const head = this.#head;
    if (head && (after === null || compareCursors(head, after) > 0)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#clock.after(ms, done);
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }
}
