/**
 * The journal in this thread: runs, channels and batches in one SQLite file of bounded size.
 * Owns: run numbers, trimming, packing, checksums. Refuses: to decode a batch; to go on with a file that turns out to be
 * broken. Called through journal-thread.ts, and by tests.
 *
 * A full disk is a smaller bound: the oldest batches make room, and only when even that cannot be written does an
 * append fail, and the readings wait.
 */
import { readFileSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import type {
  ClockBelief,
  ClockEvent,
  ClockObservation,
  WireBatch,
} from '../../src/shared/device-contract.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { compareCursors, type ChannelInfo, type ClockSource, type Cursor } from '../../src/shared/reading.ts';
import type { RunInfo } from '../../src/shared/reading.ts';
import { writeWhole } from '../platform/write-whole.ts';
import { keyOf, placeOf, RUN_KEYS } from './batch-key.ts';
import {
  checksum,
  DamagedFile,
  isDamage,
  isDamagedOpening,
  isFull,
  journalError,
  transaction,
  type Counter,
  type Database,
} from './database.ts';
import { asides, condemn, openDatabase, type Opened, type Recovery } from './opening.ts';
import { RunClocks } from './run-clocks.ts';
import type { ClockNote, Journal, JournalFigures, JournalSlice } from './journal.ts';

export interface JournalOptions {
  path: string;
  /** Bound of the file, bytes. */
  maxBytes: number;
}

/** Trimming goes down to this share of the bound, so that it is not needed at every batch. */
const TRIM_TO = 0.95;
/** Batches dropped in one transaction. */
const TRIM_STEP = 64;

/** Runs that ended before their first batch are remembered this far back. */
const EMPTY_RUNS_KEPT = 1000;

const START: Cursor = { run: 0, batch: 0 };

type Row = Record<string, unknown>;

/** Opens the journal; `recovery` tells what had to be done for it. Throws ALREADY_RUNNING, JOURNAL_FAILED. */
export function openJournalStore(options: JournalOptions): { journal: Journal; recovery: Recovery | null } {
  const opened = openDatabase(options.path);
  try {
    return { journal: new JournalStore(opened, options), recovery: opened.recovery };
  } catch (error) {
    opened.database.close();
    if (!isDamagedOpening(error, opened.path)) throw journalError(error);
  }
  // the file can be opened, but its tables not be read
  condemn(opened.path);
  const again = openDatabase(options.path);
  return { journal: new JournalStore(again, options), recovery: again.recovery };
}

class JournalStore implements Journal {
  readonly #db: Database;
  readonly #path: string;
  readonly #clocks: RunClocks;
  readonly #maxBytes: number;
  /** Holds the last run number as well: a journal lost with its card's file must not make numbers begin again. */
  readonly #runFile: string;
  readonly #pageSize: number;
  readonly #sql;
  #batches: number;
  #trimmed: number;
  #damaged: number;
  #trimmedTo: Cursor | null;
  #appendedBytes = 0;

  constructor({ database: db, path, recovery }: Opened, options: JournalOptions) {
    this.#db = db;
    this.#path = path;
    this.#clocks = new RunClocks(db);
    this.#maxBytes = options.maxBytes;
    this.#runFile = `${options.path}.run`;
    this.#pageSize = this.#number('PRAGMA page_size', 'page_size');
    this.#batches = this.#number('SELECT count(*) AS n FROM batches', 'n');
    this.#trimmed = this.#counter('trimmed_batches');
    this.#damaged = this.#counter('damaged_batches');
    const trimmedTo = this.#counter('trimmed_to');
    this.#trimmedTo = trimmedTo === 0 ? null : placeOf(trimmedTo);
    this.#sql = {
      append: db.prepare('INSERT INTO batches (key, crc, data) VALUES (?, ?, ?)'),
      channel: db.prepare('INSERT OR REPLACE INTO channels (run, idx, info) VALUES (?, ?, ?)'),
      last: db.prepare('SELECT max(key) AS n FROM batches WHERE key > ? AND key < ?'),
      after: db.prepare('SELECT key, crc, data FROM batches WHERE key > ? ORDER BY key'),
      backwards: db.prepare('SELECT key, crc, data FROM batches WHERE key > ? AND key < ? ORDER BY key DESC'),
      oldest: db.prepare('SELECT key FROM batches ORDER BY key LIMIT ?'),
      head: db.prepare('SELECT max(key) AS n FROM batches'),
      pages: db.prepare(
        'SELECT page_count AS pages, freelist_count AS free FROM pragma_page_count, pragma_freelist_count',
      ),
    };
    if (recovery && recovery.lost > 0) this.#countDamaged(recovery.lost);
  }

  async beginRun(bootId: string, { offsetMs, clock }: ClockBelief): Promise<number> {
    return this.#io(() => {
      const run =
        Math.max(
          this.#counter('last_run'),
          this.#number('SELECT coalesce(max(run), 0) AS n FROM runs', 'n'),
          storedRun(this.#runFile),
        ) + 1;
      writeWhole(this.#runFile, `${run}\n`);
      transaction(this.#db, () => {
        this.#setCounter('last_run', run);
        this.#db
          .prepare('INSERT INTO runs (run, boot_id, offset_ms, clock) VALUES (?, ?, ?, ?)')
          .run(run, bootId, offsetMs, clock);
        this.#db
          .prepare(
            `DELETE FROM runs WHERE run < ? AND NOT EXISTS
              (SELECT 1 FROM batches WHERE key > run * ${RUN_KEYS} AND key < (run + 1) * ${RUN_KEYS})`,
          )
          .run(run - EMPTY_RUNS_KEPT);
      });
      return run;
    });
  }

  async observeClock(run: number, belief: ClockBelief, note?: ClockNote): Promise<void> {
    this.#io(() => transaction(this.#db, () => this.#clocks.observe(run, belief, note)));
  }

  async bootClock(bootId: string): Promise<ClockBelief | null> {
    return this.#io(() => this.#clocks.ofBoot(bootId));
  }

  async clockNotes(): Promise<{ observations: ClockObservation[]; events: ClockEvent[] }> {
    return this.#io(() => this.#clocks.notes());
  }

  async lastBatch(run: number): Promise<number> {
    return this.#io(() => this.#lastBatch(run));
  }

  async append(run: number, batch: number, data: Uint8Array, channels: ChannelInfo[]): Promise<void> {
    this.#io(() => {
      const last = this.#lastBatch(run);
      if (batch > last + 1)
        throw new MusterError('JOURNAL_FAILED', `batch ${batch} of run ${run} does not follow ${last}`, {
          expected: last + 1,
          actual: batch,
        });
      const packed = zstdCompressSync(data);
      const bytes = packed.length < data.length ? packed : data;
      const key = keyOf({ run, batch });
      const added = this.#makingRoom(() =>
        transaction(this.#db, () => {
          for (const channel of channels) this.#sql.channel.run(run, channel.index, JSON.stringify(channel));
          if (batch <= last) return false;
          this.#sql.append.run(key, checksum(key, bytes), bytes);
          return true;
        }),
      );
      if (!added) return;
      this.#batches++;
      this.#appendedBytes += bytes.length;
      this.#trim();
    });
  }

  async read(after: Cursor | null, maxBytes: number, before?: Cursor | null): Promise<JournalSlice> {
    return this.#io(() => {
      const lost = this.#trimmedTo !== null && compareCursors(after ?? START, this.#trimmedTo) < 0;
      const batches: WireBatch[] = [];
      let size = 0;
      const from = keyOf(after ?? START);
      const rows =
        before === undefined
          ? this.#sql.after.iterate(from)
          : this.#sql.backwards.iterate(from, before ? keyOf(before) : Number.MAX_SAFE_INTEGER);
      for (const row of rows) {
        const data = row['data'] as Uint8Array<ArrayBuffer>;
        if (!(data instanceof Uint8Array)) throw new DamagedFile('a batch is of another type');
        if (batches.length > 0 && size + data.length > maxBytes) break;
        const key = Number(row['key']);
        if (checksum(key, data) !== row['crc']) throw new DamagedFile(`batch ${key} has changed`);
        size += data.length;
        batches.push({ ...placeOf(key), data });
      }
      const head = Number(this.#sql.head.get()?.['n'] ?? 0);
      return {
        batches,
        trimmedTo: lost ? this.#trimmedTo : null,
        head: head === 0 ? null : placeOf(head),
      };
    });
  }

  async runs(from: number): Promise<RunInfo[]> {
    return this.#io(() => {
      const rows = this.#db
        .prepare('SELECT run, boot_id, offset_ms, clock FROM runs WHERE run >= ? ORDER BY run')
        .all(from) as Row[];
      const span = this.#db.prepare(
        `SELECT (SELECT min(key) FROM batches WHERE key > ?1 AND key < ?2) AS first,
                (SELECT max(key) FROM batches WHERE key > ?1 AND key < ?2) AS last`,
      );
      const channels = Map.groupBy(
        this.#db
          .prepare('SELECT run, info FROM channels WHERE run >= ? ORDER BY run, idx')
          .all(from) as Row[],
        (row) => Number(row['run']),
      );
      return rows.map((row) => {
        const run = Number(row['run']);
        const held = span.get(...keysOf(run));
        return {
          run,
          bootId: String(row['boot_id']),
          offsetMs: Number(row['offset_ms']),
          clock: row['clock'] as ClockSource,
          firstBatch: placeOf(Number(held?.['first'] ?? 0)).batch,
          lastBatch: placeOf(Number(held?.['last'] ?? 0)).batch,
          current: false,
          channels: (channels.get(run) ?? []).map(channelOf),
        };
      });
    });
  }

  async channels(run: number, from: number): Promise<ChannelInfo[]> {
    return this.#io(() =>
      (
        this.#db
          .prepare('SELECT info FROM channels WHERE run = ? AND idx >= ? ORDER BY idx')
          .all(run, from) as Row[]
      ).map(channelOf),
    );
  }

  async figures(): Promise<JournalFigures> {
    return this.#io(() => ({
      batches: this.#batches,
      bytes: this.#usedBytes(),
      trimmedBatches: this.#trimmed,
      damagedBatches: this.#damaged,
      asides: asides(this.#path),
      appendedBytes: this.#appendedBytes,
    }));
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  /**
   * Runs `work` and says what SQLite threw in the journal's words. A file that is broken is let go: the next opening
   * saves what is good in it.
   */
  #io<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isDamage(error)) throw journalError(error);
      this.#db.close();
      condemn(this.#path);
      throw new MusterError('JOURNAL_FAILED', 'the journal is broken', { broken: true }, error);
    }
  }

  /** Last batch of a run that was written, as far as is known. */
  #lastBatch(run: number): number {
    const held = placeOf(Number(this.#sql.last.get(...keysOf(run))?.['n'] ?? 0)).batch;
    return this.#trimmedTo?.run === run ? Math.max(held, this.#trimmedTo.batch) : held;
  }

  /** Does `work`; while the disk is full, drops the oldest batches and tries again. Throws when that cannot help. */
  #makingRoom<T>(work: () => T): T {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!isFull(error) || this.#batches <= 1) throw error;
        this.#dropOldest();
      }
    }
  }

  /** Drops the oldest batches, and runs left empty by it, until the file is within its bound. */
  #trim(): void {
    if (this.#usedBytes() <= this.#maxBytes) return;
    try {
      while (this.#usedBytes() > this.#maxBytes * TRIM_TO && this.#batches > 1) this.#dropOldest();
      // A bound that was lowered: hand the pages back. Under a steady bound the freed pages are used again.
      if (this.#number('PRAGMA page_count', 'page_count') * this.#pageSize > this.#maxBytes * 1.05)
        this.#db.exec('PRAGMA incremental_vacuum');
    } catch (error) {
      // the batch before is durable; the next append tries to keep the bound again
      if (isDamage(error)) throw error;
    }
  }

  #dropOldest(): void {
    const oldest = this.#sql.oldest.all(Math.min(TRIM_STEP, this.#batches - 1)) as Row[];
    const end = Number(oldest.at(-1)?.['key']);
    const to = placeOf(end);
    const trimmed = this.#trimmed + oldest.length;
    transaction(this.#db, () => {
      this.#db.prepare('DELETE FROM batches WHERE key <= ?').run(end);
      this.#db.prepare('DELETE FROM runs WHERE run < ?').run(to.run);
      this.#db.prepare('DELETE FROM channels WHERE run < ?').run(to.run);
      this.#setCounter('trimmed_batches', trimmed);
      this.#setCounter('trimmed_to', end);
    });
    this.#trimmed = trimmed;
    this.#trimmedTo = to;
    this.#batches -= oldest.length;
  }

  #countDamaged(n: number): void {
    this.#damaged += n;
    this.#setCounter('damaged_batches', this.#damaged);
  }

  #usedBytes(): number {
    const row = this.#sql.pages.get();
    return (Number(row?.['pages']) - Number(row?.['free'])) * this.#pageSize;
  }

  #counter(name: Counter): number {
    return Number(this.#db.prepare('SELECT value FROM counters WHERE name = ?').get(name)?.['value'] ?? 0);
  }

  #setCounter(name: Counter, value: number): void {
    this.#db.prepare('INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)').run(name, value);
  }

  #number(sql: string, column: string): number {
    return Number(this.#db.prepare(sql).get()?.[column]);
  }
}

/** What lies between these, both excluded, is of the run. */
function keysOf(run: number): [number, number] {
  return [run * RUN_KEYS, (run + 1) * RUN_KEYS];
}

function channelOf(row: Row): ChannelInfo {
  try {
    return JSON.parse(String(row['info'])) as ChannelInfo;
  } catch (error) {
    throw new DamagedFile('a channel cannot be read', { cause: error });
  }
}

function storedRun(path: string): number {
  try {
    const run = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(run) && run > 0 ? run : 0;
  } catch {
    return 0;
  }
}
