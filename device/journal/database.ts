/**
 * The journal's SQLite file: opening it, its schema, transactions. The only user of node:sqlite in the daemon.
 * Refuses: a file another process holds (ALREADY_RUNNING), a schema of a newer daemon (JOURNAL_FAILED).
 * A file that is no database any more is put aside, never erased: the daemon goes on with a new one.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { MusterError } from '../../src/shared/errors.ts';

export type Database = DatabaseSync;

const SCHEMA_VERSION = 2;
const SCHEMA = `
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
  CREATE TABLE batches (
    run INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (run, batch)
  ) WITHOUT ROWID;
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
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

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** The SQLite result code of an error, its extension cut off; 0 when it is not one. */
function resultCode(error: unknown): number {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code & 0xff : 0;
}

/** Opens or makes the file at `path`. `aside`: where a broken one was moved, null as a rule. */
export function openDatabase(path: string): { database: Database; aside: string | null } {
  try {
    return { database: open(path), aside: null };
  } catch (error) {
    const code = resultCode(error);
    if (code === SQLITE_BUSY)
      throw new MusterError('ALREADY_RUNNING', `another daemon holds ${path}`, { path }, error);
    if (code !== SQLITE_CORRUPT && code !== SQLITE_NOTADB) throw failed(error);
    const aside = `${path}.broken`;
    renameSync(path, aside);
    for (const suffix of ['-wal', '-shm'])
      if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
      else rmSync(aside + suffix, { force: true });
    return { database: open(path), aside };
  }
}

function open(path: string): Database {
  const database = new DatabaseSync(path, { timeout: 500 });
  try {
    // A lock for the whole life keeps a second daemon out even if both found no socket.
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA journal_size_limit = 4194304;
    `);
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version > SCHEMA_VERSION)
      throw new MusterError('JOURNAL_FAILED', `the journal is of a newer daemon (schema ${version})`, {
        expected: SCHEMA_VERSION,
        actual: version,
      });
    if (version < SCHEMA_VERSION)
      transaction(database, () => {
        if (version < 1) database.exec(SCHEMA);
        database.exec(`${CLOCK_SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION};`);
      });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Runs `work` in one transaction: all of it is kept, or none. Throws JOURNAL_FAILED. */
export function transaction<T>(database: Database, work: () => T): T {
  try {
    database.exec('BEGIN IMMEDIATE');
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw failed(error);
  }
}

function failed(error: unknown): MusterError {
  if (error instanceof MusterError) return error;
  if (resultCode(error) !== 0 && resultCode(error) !== SQLITE_BUSY) {
    const message = error instanceof Error ? error.message : String(error);
    return new MusterError('JOURNAL_FAILED', `the journal: ${message}`, {}, error);
  }
  if (resultCode(error) === SQLITE_BUSY) {
    return new MusterError('ALREADY_RUNNING', 'another daemon holds the journal', {}, error);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new MusterError('JOURNAL_FAILED', message, {}, error);
}
