/**
 * The journal's SQLite file: its schema, its transactions, what its errors mean. The only user of node:sqlite in the
 * daemon. Refuses: a file another process holds (ALREADY_RUNNING); to judge what to do about a broken one (opening.ts).
 *
 * Pages are of 512 bytes because an append of a few readings writes each page it touches twice, to the log and to the
 * file: small pages halve what a card has to take (BENCHMARKS.md, journal).
 */
import { accessSync, constants } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { MusterError } from '../../src/shared/errors.ts';
import { RUN_KEYS } from './batch-key.ts';

export type Database = DatabaseSync;

export const SCHEMA_VERSION = 3;
/** Of files made by this schema, and by earlier ones. */
export const PAGE_SIZES = [512, 4096] as const;

const TABLES = `
  CREATE TABLE runs (
    run INTEGER PRIMARY KEY,
    boot_id TEXT NOT NULL,
    offset_ms REAL NOT NULL,
    clock TEXT NOT NULL
  );
  CREATE TABLE channels (
    run INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    info TEXT NOT NULL,
    PRIMARY KEY (run, idx)
  ) WITHOUT ROWID;
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
`;
/** `crc` is over the key and the data: neither a flipped bit nor a row under a wrong number goes unseen. */
const BATCHES = `
  CREATE TABLE batches (key INTEGER PRIMARY KEY, crc INTEGER NOT NULL, data BLOB NOT NULL);
`;

/** What runs were told of wall time, and what was changed by it. */
const CLOCK_SCHEMA = `
  CREATE TABLE clock_observations (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    monotonic_ms REAL NOT NULL,
    wall_ms REAL NOT NULL,
    source TEXT NOT NULL,
    by TEXT
  );
  CREATE TABLE clock_events (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    monotonic_ms REAL NOT NULL,
    offset_before REAL NOT NULL,
    clock_before TEXT NOT NULL,
    offset_after REAL NOT NULL,
    clock_after TEXT NOT NULL,
    why TEXT NOT NULL
  );
`;

/**
 * What is counted over all runs. `trimmed_to`: key of the last batch that was dropped for want of room;
 * `schema`: from schema 3 on the same as user_version, so that a flipped bit is not taken for another schema.
 */
export const COUNTERS = ['last_run', 'trimmed_batches', 'trimmed_to', 'damaged_batches', 'schema'] as const;
export type Counter = (typeof COUNTERS)[number];

const VERSION = `
  INSERT INTO counters VALUES ('schema', ${SCHEMA_VERSION});
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

const SQLITE_ERROR = 1;
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** Log pages after which they are written into the file: 4 MiB. The log keeps its size, so that it needs no new blocks. */
const CHECKPOINT_PAGES = 8192;
const LOG_BYTES = 8 * 1024 * 1024;
/** Batches moved in one transaction when a file of an earlier schema is brought forward. */
const MOVED_AT_ONCE = 256;

/** Opens or makes the file. Throws a NewerSchema, or what SQLite throws. */
export function openFile(path: string): Database {
  const database = new DatabaseSync(path, { timeout: 500 });
  try {
    database.exec(`PRAGMA page_size = ${PAGE_SIZES[0]}`);
    // A lock for the whole life keeps a second daemon out even if both found no socket.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    const version = versionOf(database);
    const declared = version === 0 ? null : declaredVersion(database);
    if (declared !== null && declared !== version)
      throw new DamagedFile(`its schema is said to be ${version} and ${declared}`);
    if (version > SCHEMA_VERSION) throw new NewerSchema(version);
    database.exec(`
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      PRAGMA journal_size_limit = ${LOG_BYTES};
    `);
    if (version === 0)
      transaction(database, () => database.exec(`${TABLES} ${CLOCK_SCHEMA} ${BATCHES} ${VERSION}`));
    else bringForward(database, version);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The file is of a newer daemon. */
export class NewerSchema extends Error {
  readonly version: number;
  constructor(version: number) {
    super(`the journal is of a newer daemon (schema ${version}, known here: ${SCHEMA_VERSION})`);
    this.version = version;
  }
}

/** The file is not what it was when it was written, although SQLite reads it. */
export class DamagedFile extends Error {}

/** The checksum kept beside a batch. */
export function checksum(key: number, data: Uint8Array): number {
  return crc32(data, crc32(String(key)));
}

/**
 * From an earlier schema (1 had no clock tables, 2 no checksums), a few batches a transaction: it needs little room,
 * and goes on where it was cut. A checksum can only be made from what is there now.
 */
function bringForward(database: Database, version: number): void {
  if (version < SCHEMA_VERSION)
    transaction(database, () =>
      database.exec(`
        ${version === 1 ? CLOCK_SCHEMA : ''}
        ALTER TABLE batches RENAME TO batches_1;
        ${BATCHES}
        INSERT INTO counters SELECT 'trimmed_to',
          (SELECT value FROM counters WHERE name = 'trimmed_run') * ${RUN_KEYS} +
          (SELECT value FROM counters WHERE name = 'trimmed_batch')
          WHERE EXISTS (SELECT 1 FROM counters WHERE name = 'trimmed_run');
        ${VERSION}
      `),
    );
  if (!database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'batches_1'`).get()) return;
  const some = database.prepare('SELECT run, batch, data FROM batches_1 ORDER BY run, batch LIMIT ?');
  const put = database.prepare('INSERT OR IGNORE INTO batches (key, crc, data) VALUES (?, ?, ?)');
  const drop = database.prepare('DELETE FROM batches_1 WHERE (run, batch) <= (?, ?)');
  for (;;) {
    const rows = some.all(MOVED_AT_ONCE);
    const last = rows.at(-1);
    if (!last) break;
    transaction(database, () => {
      for (const row of rows) {
        const key = Number(row['run']) * RUN_KEYS + Number(row['batch']);
        const data = row['data'] as Uint8Array;
        put.run(key, checksum(key, data), data);
      }
      drop.run(last['run'] ?? null, last['batch'] ?? null);
    });
  }
  database.exec('DROP TABLE batches_1');
}

/** The version as the counters have it; null in a file of an older schema. */
function declaredVersion(database: Database): number | null {
  const row = database.prepare(`SELECT value FROM counters WHERE name = 'schema'`).get();
  return row ? Number(row['value']) : null;
}

function versionOf(database: Database): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

/** Runs `work` in one transaction: all of it is kept, or none. Throws what SQLite throws. */
export function transaction<T>(database: Database, work: () => T): T {
  try {
    database.exec('BEGIN IMMEDIATE');
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** The SQLite result code of an error, its extension cut off; 0 when it is not one. */
function resultCode(error: unknown): number {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code & 0xff : 0;
}

/** The file is not what it was when it was written. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB || error instanceof DamagedFile) return true;
  // a number that no double holds: none was ever written
  return (error as { code?: unknown }).code === 'ERR_OUT_OF_RANGE';
}

/**
 * The same of what opening `path` threw. The statements are always the same ones: that SQLite does not understand them
 * is the file's fault, and so is that it will not write although the disk would.
 */
export function isDamagedOpening(error: unknown, path: string): boolean {
  if (isDamage(error) || resultCode(error) === SQLITE_ERROR) return true;
  return resultCode(error) === SQLITE_READONLY && isWritable(path);
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The disk has no room. */
export function isFull(error: unknown): boolean {
  return resultCode(error) === SQLITE_FULL;
}

/** What SQLite threw, as the daemon's own error: ALREADY_RUNNING, JOURNAL_FAILED. */
export function journalError(error: unknown): MusterError {
  if (error instanceof MusterError) return error;
  if (resultCode(error) === SQLITE_BUSY)
    return new MusterError('ALREADY_RUNNING', 'another daemon holds the journal', {}, error);
  const message = error instanceof Error ? error.message : String(error);
  return new MusterError('JOURNAL_FAILED', `the journal: ${message}`, { full: isFull(error) }, error);
}
