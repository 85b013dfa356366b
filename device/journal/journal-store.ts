/**
 * The journal in this thread: runs, channels and batches in one SQLite file of bounded size.
 * Owns: run numbers, trimming, packing. Refuses: to decode a batch. Called through journal-thread.ts, and by tests.
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
import { openDatabase, transaction, type Database } from './database.ts';
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

type Row = Record<string, unknown>;

/** Opens the journal; `aside` names where a broken file was moved. Throws ALREADY_RUNNING, JOURNAL_FAILED. */
export function openJournalStore(options: JournalOptions): { journal: Journal; aside: string | null } {
  const { database, aside } = openDatabase(options.path);
  return { journal: new JournalStore(database, options), aside };
}

class JournalStore implements Journal {
  readonly #db: Database;
  readonly #clocks: RunClocks;
  readonly #maxBytes: number;
  /** Holds the last run number as well: a journal lost with its card's file must not make numbers begin again. */
  readonly #runFile: string;
  readonly #pageSize: number;
  readonly #sql;
  #batches: number;
  #trimmed: number;
  #trimmedTo: Cursor | null;
  #appendedBytes = 0;

  constructor(db: Database, { path, maxBytes }: JournalOptions) {
    this.#db = db;
    this.#clocks = new RunClocks(db);
    this.#maxBytes = maxBytes;
    this.#runFile = `${path}.run`;
    this.#pageSize = this.#number('PRAGMA page_size', 'page_size');
    this.#batches = this.#number('SELECT count(*) AS n FROM batches', 'n');
    this.#trimmed = this.#counter('trimmed_batches');
    const run = this.#counter('trimmed_run');
    this.#trimmedTo = run === 0 ? null : { run, batch: this.#counter('trimmed_batch') };
    this.#sql = {
      append: db.prepare('INSERT OR IGNORE INTO batches (run, batch, data) VALUES (?, ?, ?)'),
      channel: db.prepare('INSERT OR REPLACE INTO channels (run, idx, info) VALUES (?, ?, ?)'),
      last: db.prepare('SELECT max(batch) AS n FROM batches WHERE run = ?'),
      after: db.prepare(
        'SELECT run, batch, data FROM batches WHERE (run, batch) > (?, ?) ORDER BY run, batch',
      ),
      oldest: db.prepare('SELECT run, batch FROM batches ORDER BY run, batch LIMIT ?'),
      head: db.prepare('SELECT run, batch FROM batches ORDER BY run DESC, batch DESC LIMIT 1'),
      pages: db.prepare(
        'SELECT page_count AS pages, freelist_count AS free FROM pragma_page_count, pragma_freelist_count',
      ),
    };
  }

  async beginRun(bootId: string, { offsetMs, clock }: ClockBelief): Promise<number> {
    const run = Math.max(this.#counter('last_run'), storedRun(this.#runFile)) + 1;
    writeWhole(this.#runFile, `${run}\n`);
    transaction(this.#db, () => {
      this.#setCounter('last_run', run);
      this.#db
        .prepare('INSERT INTO runs (run, boot_id, offset_ms, clock) VALUES (?, ?, ?, ?)')
        .run(run, bootId, offsetMs, clock);
      this.#db
        .prepare('DELETE FROM runs WHERE run < ? AND run NOT IN (SELECT DISTINCT run FROM batches)')
        .run(run - EMPTY_RUNS_KEPT);
    });
    return run;
  }

  async observeClock(run: number, belief: ClockBelief, note?: ClockNote): Promise<void> {
    transaction(this.#db, () => this.#clocks.observe(run, belief, note));
  }

  async bootClock(bootId: string): Promise<ClockBelief | null> {
    return this.#clocks.ofBoot(bootId);
  }

  async clockNotes(): Promise<{ observations: ClockObservation[]; events: ClockEvent[] }> {
    return this.#clocks.notes();
  }

  async lastBatch(run: number): Promise<number> {
    const held = Number(this.#sql.last.get(run)?.['n'] ?? 0);
    return this.#trimmedTo?.run === run ? Math.max(held, this.#trimmedTo.batch) : held;
  }

  async append(run: number, batch: number, data: Uint8Array, channels: ChannelInfo[]): Promise<void> {
    const last = await this.lastBatch(run);
    if (batch > last + 1)
      throw new MusterError('JOURNAL_FAILED', `batch ${batch} of run ${run} does not follow ${last}`, {
        expected: last + 1,
        actual: batch,
      });
    const packed = zstdCompressSync(data);
    const bytes = packed.length < data.length ? packed : data;
    const added = transaction(this.#db, () => {
      for (const channel of channels) this.#sql.channel.run(run, channel.index, JSON.stringify(channel));
      if (batch <= last) return false;
      this.#sql.append.run(run, batch, bytes);
      return true;
    });
    if (!added) return;
    this.#batches++;
    this.#appendedBytes += bytes.length;
    this.#trim();
  }

  async read(after: Cursor | null, maxBytes: number): Promise<JournalSlice> {
    const from = after ?? { run: 0, batch: 0 };
    const lost = this.#trimmedTo !== null && compareCursors(from, this.#trimmedTo) < 0;
    const batches: WireBatch[] = [];
    let size = 0;
    for (const row of this.#sql.after.iterate(from.run, from.batch)) {
      const data = row['data'] as Uint8Array<ArrayBuffer>;
      if (batches.length > 0 && size + data.length > maxBytes) break;
      size += data.length;
      batches.push({ run: Number(row['run']), batch: Number(row['batch']), data });
    }
    const head = this.#sql.head.get();
    return {
      batches,
      trimmedTo: lost ? this.#trimmedTo : null,
      head: head ? { run: Number(head['run']), batch: Number(head['batch']) } : null,
    };
  }

  async runs(from: number): Promise<RunInfo[]> {
    const rows = this.#db
      .prepare(
        `SELECT r.run, r.boot_id, r.offset_ms, r.clock,
           (SELECT min(batch) FROM batches b WHERE b.run = r.run) AS first,
           (SELECT max(batch) FROM batches b WHERE b.run = r.run) AS last
         FROM runs r WHERE r.run >= ? ORDER BY r.run`,
      )
      .all(from) as Row[];
    const channels = Map.groupBy(
      this.#db.prepare('SELECT run, info FROM channels WHERE run >= ? ORDER BY run, idx').all(from) as Row[],
      (row) => Number(row['run']),
    );
    return rows.map((row) => ({
      run: Number(row['run']),
      bootId: String(row['boot_id']),
      offsetMs: Number(row['offset_ms']),
      clock: row['clock'] as ClockSource,
      firstBatch: Number(row['first'] ?? 0),
      lastBatch: Number(row['last'] ?? 0),
      current: false,
      channels: (channels.get(Number(row['run'])) ?? []).map(channelOf),
    }));
  }

  async channels(run: number, from: number): Promise<ChannelInfo[]> {
    const rows = this.#db
      .prepare('SELECT info FROM channels WHERE run = ? AND idx >= ? ORDER BY idx')
      .all(run, from) as Row[];
    return rows.map(channelOf);
  }

  async figures(): Promise<JournalFigures> {
    return {
      batches: this.#batches,
      bytes: this.#usedBytes(),
      trimmedBatches: this.#trimmed,
      appendedBytes: this.#appendedBytes,
    };
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  /** Drops the oldest batches, and runs left empty by it, until the file is within its bound. */
  #trim(): void {
    if (this.#usedBytes() <= this.#maxBytes) return;
    while (this.#usedBytes() > this.#maxBytes * TRIM_TO && this.#batches > 1) {
      const limit = Math.min(TRIM_STEP, this.#batches - 1);
      const oldest = this.#sql.oldest.all(limit) as Row[];
      const end = oldest.at(-1);
      const to = { run: Number(end?.['run']), batch: Number(end?.['batch']) };
      const trimmed = this.#trimmed + oldest.length;
      transaction(this.#db, () => {
        this.#db.prepare('DELETE FROM batches WHERE (run, batch) <= (?, ?)').run(to.run, to.batch);
        this.#db.prepare('DELETE FROM runs WHERE run < ?').run(to.run);
        this.#db.prepare('DELETE FROM channels WHERE run < ?').run(to.run);
        this.#setCounter('trimmed_batches', trimmed);
        this.#setCounter('trimmed_run', to.run);
        this.#setCounter('trimmed_batch', to.batch);
      });
      this.#trimmed = trimmed;
      this.#trimmedTo = to;
      this.#batches -= oldest.length;
    }
    // A bound that was lowered: hand the pages back. Under a steady bound the freed pages are used again.
    if (this.#number('PRAGMA page_count', 'page_count') * this.#pageSize > this.#maxBytes * 1.05)
      this.#db.exec('PRAGMA incremental_vacuum');
  }

  #usedBytes(): number {
    const row = this.#sql.pages.get();
    return (Number(row?.['pages']) - Number(row?.['free'])) * this.#pageSize;
  }

  #counter(name: string): number {
    return Number(this.#db.prepare('SELECT value FROM counters WHERE name = ?').get(name)?.['value'] ?? 0);
  }

  #setCounter(name: string, value: number): void {
    this.#db.prepare('INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)').run(name, value);
  }

  #number(sql: string, column: string): number {
    return Number(this.#db.prepare(sql).get()?.[column]);
  }
}

function channelOf(row: Row): ChannelInfo {
  return JSON.parse(String(row['info'])) as ChannelInfo;
}

function storedRun(path: string): number {
  try {
    const run = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(run) && run > 0 ? run : 0;
  } catch {
    return 0;
  }
}
