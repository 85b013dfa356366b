/**
 * Takes the waiting readings in batches, numbers them and has the journal keep them.
 * Owns: batch numbers (contiguous in a run), when to flush, what waits while the journal is away. Refuses: to drop a
 * reading quietly: what does not fit any more is counted and logged, the oldest first, as in the journal itself.
 * Called by the tree; listened to by the stream.
 */
import type { ChannelInfo, Cursor } from '../../src/shared/reading.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Clock } from '../../src/shared/time.ts';
import { toMusterError } from '../../src/shared/errors.ts';
import type { Intake } from './intake.ts';
import type { Journal } from './journal.ts';

/** Most bytes of encoded batches that wait for a journal that does not answer. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export interface BatcherOptions {
  intake: Intake;
  /** The journal now; throws JOURNAL_FAILED while there is none. */
  journal: () => Journal;
  clock: Clock;
  log: Log;
  /** Called after a batch is durable. */
  onFlushed: (head: Cursor) => void;
}

interface Sealed {
  data: Uint8Array;
  channels: ChannelInfo[];
  rows: number;
  /** Monotonic ms of the sealing, and since the one before. */
  at: number;
  spanMs: number;
}

export class Batcher {
  readonly #options: BatcherOptions;
  readonly #waiting: Sealed[] = [];
  #waitingBytes = 0;
  #lost = 0;
  #run = 0;
  /** Last number the journal is known to hold. */
  #batch = 0;
  /** Number under which the first waiting batch was last sent, while its fate is not known. */
  #unanswered: number | null = null;
  #flushing: Promise<void> | null = null;
  #flushedAt: number;

  constructor(options: BatcherOptions) {
    this.#options = options;
    this.#flushedAt = options.clock.monotonic();
  }

  /**
   * Goes on after `batch` of `run`, the last that the journal holds. When that is the one whose append had no
   * answer, it was kept after all and must not be written again under the next number. Another run than before means
   * that the journal was lost: its channels are written again, before any reading that uses them.
   */
  begin(run: number, batch: number): void {
    if (this.#run !== 0 && this.#run !== run) {
      this.#options.intake.rewriteChannels();
      const first = this.#waiting[0];
      if (first) first.channels = this.#options.intake.takeChannels();
    }
    if (this.#run === run && this.#unanswered === batch) this.#kept(batch);
    this.#unanswered = null;
    this.#run = run;
    this.#batch = batch;
  }

  /** Milliseconds since the columns were last taken. */
  get ageMs(): number {
    return this.#options.clock.monotonic() - this.#flushedAt;
  }

  /** Puts the readings of now aside as a batch to come. */
  seal(): void {
    const spanMs = this.ageMs;
    this.#flushedAt = this.#options.clock.monotonic();
    const { intake } = this.#options;
    const rows = intake.rows;
    const data = intake.take();
    if (!data) return;
    this.#waiting.push({ data, channels: intake.takeChannels(), rows, at: this.#flushedAt, spanMs });
    this.#waitingBytes += data.length;
    this.#dropOldest();
  }

  /** Readings that were dropped because the journal did not take them. */
  get lostReadings(): number {
    return this.#lost;
  }

  /** Bytes of batches that are not durable yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Age of the oldest reading that is not durable, ms, at most; a power cut now would lose this much. */
  get unflushedMs(): number {
    const oldest = this.#waiting[0];
    return oldest ? this.#options.clock.monotonic() - oldest.at + oldest.spanMs : this.ageMs;
  }

  /** Writes all that waits. Rejects with JOURNAL_FAILED; what was not written waits for the next call. */
  flush(): Promise<void> {
    this.seal();
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async #write(): Promise<void> {
    for (;;) {
      const next = this.#waiting[0];
      if (!next) return;
      const run = this.#run;
      const batch = this.#batch + 1;
      try {
        const journal = this.#options.journal();
        this.#unanswered = batch;
        await journal.append(run, batch, next.data, next.channels);
      } catch (error) {
        throw toMusterError(error, 'JOURNAL_FAILED');
      }
      this.#unanswered = null;
      this.#kept(batch);
    }
  }

  /** Keeps to the bound. The first may be on its way to the journal: the one behind it goes, its channels stay. */
  #dropOldest(): void {
    let rows = 0;
    while (this.#waitingBytes > MAX_WAITING_BYTES && this.#waiting.length > 2) {
      const [dropped] = this.#waiting.splice(1, 1);
      this.#waiting[1]?.channels.unshift(...(dropped?.channels ?? []));
      this.#waitingBytes -= dropped?.data.length ?? 0;
      rows += dropped?.rows ?? 0;
    }
    if (rows === 0) return;
    this.#lost += rows;
    this.#options.log('error', 'readings are lost: the journal does not take them', {
      rows,
      lost: this.#lost,
    });
  }

  /** The first waiting batch is durable under this number. */
  #kept(batch: number): void {
    const kept = this.#waiting.shift();
    this.#waitingBytes -= kept?.data.length ?? 0;
    this.#batch = batch;
    this.#options.onFlushed({ run: this.#run, batch });
  }
}
