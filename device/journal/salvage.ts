/**
 * Saves what is good in a broken journal: goes through it page by page, without SQLite, and keeps each batch whose
 * checksum holds, each run, channel and counter that reads as one. A broken header or tree costs nothing that way, a
 * broken page only the rows on it. Can be repeated. Called by opening.ts.
 */
import { channelInfoSchema, clockSourceSchema } from '../../src/shared/reading.ts';
import { RUN_KEYS } from './batch-key.ts';
import { checksum, COUNTERS, PAGE_SIZES, transaction, type Counter, type Database } from './database.ts';
import { PageFile } from './page-file.ts';
import { cellsOf, recordOf, type Cell } from './sqlite-page.ts';

/** Pages gone through in one transaction. */
const PAGES_AT_ONCE = 4096;
/** A record beyond this is none: the largest batch (a million rows) is below. */
const MAX_RECORD = 32 * 1024 * 1024;

export interface Salvaged {
  /** Batches kept. */
  kept: number;
  /** Batches known to be missing: holes in the numbers of a run. What is gone from a run's end is not seen by that. */
  lost: number;
}

/** Copies into `database` what is good in the file at `path`. Throws what SQLite throws. */
export function salvage(path: string, database: Database): Salvaged {
  const keep = keeperOf(database);
  for (const pageSize of PAGE_SIZES) {
    const file = new PageFile(path, pageSize);
    try {
      for (let from = 1; from <= file.pages; from += PAGES_AT_ONCE)
        transaction(database, () => {
          const end = Math.min(file.pages + 1, from + PAGES_AT_ONCE);
          for (let number = from; number < end; number++) {
            const page = file.page(number);
            if (page) for (const cell of cellsOf(page)) keepCell(file, cell, pageSize, keep);
          }
        });
    } finally {
      file.close();
    }
  }
  return transaction(database, () => tidy(database));
}

type Keeper = ReturnType<typeof keeperOf>;

function keeperOf(database: Database) {
  const batch = database.prepare('INSERT OR IGNORE INTO batches (key, crc, data) VALUES (?, ?, ?)');
  // a page that was in use before may still hold what a run knew of time at first
  const run = database.prepare(`
    INSERT INTO runs (run, boot_id, offset_ms, clock) VALUES (?, ?, ?, ?)
    ON CONFLICT (run) DO UPDATE SET offset_ms = excluded.offset_ms, clock = excluded.clock WHERE clock = 'none'`);
  const channel = database.prepare('INSERT OR REPLACE INTO channels (run, idx, info) VALUES (?, ?, ?)');
  const counter = database.prepare(`
    INSERT INTO counters (name, value) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`);
  return { batch, run, channel, counter };
}

/** Keeps a row if it is one of the journal's. What it is, its columns say. */
function keepCell(file: PageFile, cell: Cell, pageSize: number, keep: Keeper): void {
  const bytes = wholeRecord(file, cell, pageSize);
  const record = bytes && recordOf(bytes);
  if (!record) return;
  const [a, b, c, d] = record;
  if (cell.rowid !== null) {
    if (typeof b === 'number' && c instanceof Uint8Array) {
      if (checksum(cell.rowid, c) === b) keep.batch.run(cell.rowid, b, c);
    } else if (typeof b === 'string' && typeof c === 'number' && clockSourceSchema.safeParse(d).success)
      keep.run.run(cell.rowid, b, c, String(d));
  } else if (typeof a === 'number' && typeof b === 'number' && typeof c === 'string') {
    if (isChannel(c, b)) keep.channel.run(a, b, c);
  } else if (isCounter(a) && typeof b === 'number' && record.length === 2) keep.counter.run(a, b);
}

function isCounter(name: unknown): name is Counter {
  return COUNTERS.some((known) => known === name);
}

function isChannel(text: string, index: number): boolean {
  try {
    const info = channelInfoSchema.safeParse(JSON.parse(text));
    return info.success && info.data.index === index;
  } catch {
    return false;
  }
}

/** The record with what lies on overflow pages; null when the chain is broken. */
function wholeRecord(file: PageFile, cell: Cell, pageSize: number): Uint8Array | null {
  if (cell.overflow === 0) return cell.local;
  if (cell.size > MAX_RECORD) return null;
  const bytes = new Uint8Array(cell.size);
  bytes.set(cell.local);
  let at = cell.local.length;
  for (let next = cell.overflow; at < cell.size;) {
    const page = next === 0 ? null : file.page(next);
    if (!page) return null;
    const part = page.subarray(4, Math.min(pageSize, 4 + cell.size - at));
    bytes.set(part, at);
    at += part.length;
    next = new DataView(page.buffer, page.byteOffset).getUint32(0);
  }
  return bytes;
}

/** Drops again what had been trimmed and lay on pages not in use, and gives each batch's run a row. */
function tidy(database: Database): Salvaged {
  database.exec(`
    DELETE FROM batches WHERE key <= (SELECT value FROM counters WHERE name = 'trimmed_to');
    INSERT OR IGNORE INTO runs (run, boot_id, offset_ms, clock)
      SELECT DISTINCT key / ${RUN_KEYS}, 'unknown', 0, 'none' FROM batches;
  `);
  const row = database
    .prepare(
      `SELECT sum(n) AS kept, sum(span - n) AS lost FROM
        (SELECT count(*) AS n, max(key) - min(key) + 1 AS span FROM batches GROUP BY key / ${RUN_KEYS})`,
    )
    .get();
  return { kept: Number(row?.['kept'] ?? 0), lost: Number(row?.['lost'] ?? 0) };
}
