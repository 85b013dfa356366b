/**
 * What the rest of the daemon knows of the journal: numbered batches, durable before anyone hears of them.
 * Two things implement it: a store in this thread (journal-store.ts) and the same store behind a thread
 * (journal-thread.ts), so that the wait for an SD card never holds up control.
 */
import type {
  ClockBelief,
  ClockEvent,
  ClockObservation,
  WireBatch,
} from '../../src/shared/device-contract.ts';
import type { ChannelInfo, Cursor, RunInfo } from '../../src/shared/reading.ts';

/** What a run was told of wall time, and the change that came of it (null: none). */
export interface ClockNote {
  seen: Omit<ClockObservation, 'run'>;
  event: Omit<ClockEvent, 'run'> | null;
}

/** Batches after a cursor, and where the journal begins and ends. */
export interface JournalSlice {
  batches: WireBatch[];
  /** All up to here was dropped although the cursor had not reached it; null when nothing was lost. */
  trimmedTo: Cursor | null;
  /** Last batch held, null when there is none. */
  head: Cursor | null;
}

export interface JournalFigures {
  batches: number;
  /** Bytes of the file in use. */
  bytes: number;
  /** Batches dropped by the bound, or to make room on a full disk, so far. */
  trimmedBatches: number;
  /** Batches that were broken on the disk, as far as is known. */
  damagedBatches: number;
  /** Broken files that were set aside, oldest first. */
  asides: string[];
  /** Bytes of batches written since this opening. */
  appendedBytes: number;
}

/** All calls reject with JOURNAL_FAILED when the disk does not do its part. */
export interface Journal {
  /** Makes a new run, its number durable before the answer, and never one that was used before. */
  beginRun(bootId: string, belief: ClockBelief): Promise<number>;
  /**
   * Corrects what a run believes of wall time, in one row: no reading is touched. With an event in `note`, earlier
   * runs of the same boot share the better belief: they ran on the same monotonic clock.
   */
  observeClock(run: number, belief: ClockBelief, note?: ClockNote): Promise<void>;
  /** What the last run of a boot believes; null when there is none, or the boot has no name. */
  bootClock(bootId: string): Promise<ClockBelief | null>;
  /** The latest notes of observeClock, oldest first. */
  clockNotes(): Promise<{ observations: ClockObservation[]; events: ClockEvent[] }>;
  /** Number of the last batch of a run, 0 before its first. */
  lastBatch(run: number): Promise<number>;
  /**
   * Keeps a batch, with the channels it is the first to use, in one transaction. Numbers of a run are contiguous
   * from 1; a number that is there already is left as it is, so that an append of unknown outcome can be repeated.
   * `data` is an encoded batch; it is kept zstd-packed when that is smaller.
   */
  append(run: number, batch: number, data: Uint8Array, channels: ChannelInfo[]): Promise<void>;
  /**
   * Batches after `after` (null: from the oldest), oldest first, up to `maxBytes` but at least one. With `before`
   * newest first, from the one before that place (null: from the head) backwards.
   */
  read(after: Cursor | null, maxBytes: number, before?: Cursor | null): Promise<JournalSlice>;
  /** Runs from number `from` on, oldest first. `current` is left false: the caller knows. */
  runs(from: number): Promise<RunInfo[]>;
  channels(run: number, from: number): Promise<ChannelInfo[]>;
  figures(): Promise<JournalFigures>;
  /** Writes everything through and lets the file go. */
  close(): Promise<void>;
}
