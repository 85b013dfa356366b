/**
 * The only home of node:sqlite in the engine: opens the archive's file, migrates it, runs transactions.
 * Owns: pragmas, schema versions, what happens to a damaged file. Refuses: knowing what the tables mean.
 * Traps kept here in mind: a JS number is bound as REAL, so SQL that divides or shifts a parameter must CAST it
 * (columns declared INTEGER convert it back by affinity); everything is synchronous.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { MusterError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { first } from './migrations/0001-first.ts';
import { calibration } from './migrations/0002-calibration.ts';

/** In order; the place in the list plus one is the schema version (PRAGMA user_version). Never edited once shipped. */
const MIGRATIONS: readonly string[] = [first, calibration];
/** "MSTR": tells an archive from any other SQLite file. */
const APPLICATION_ID = 0x4d535452;
/** How long a writer waits for another process's transaction. */
const BUSY_MS = 15_000;
/** https://www.sqlite.org/rescode.html */
const SQLITE = { corrupt: 11, full: 13, notADatabase: 26 };

type Value = SQLInputValue;
/** One row as an array, columns in the order of the SELECT. */
export type Row = unknown[];

/** An open archive file. */
export class Database {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, db: DatabaseSync) {
    this.path = path;
    this.#db = db;
  }

  /** All rows of a query. */
  all(sql: string, ...values: Value[]): Row[] {
    return this.#guard(() => this.#prepare(sql).all(...values) as unknown as Row[]);
  }

  /** The first row of a query. */
  get(sql: string, ...values: Value[]): Row | undefined {
    return this.#guard(() => this.#prepare(sql).get(...values) as unknown as Row | undefined);
  }

  /** Runs a statement; answers the number of changed rows and the id of the last inserted one. */
  run(sql: string, ...values: Value[]): { changes: number; id: number } {
    const { changes, lastInsertRowid } = this.#guard(() => this.#prepare(sql).run(...values));
    return { changes: Number(changes), id: Number(lastInsertRowid) };
  }

  /** Runs `fn` whole or not at all, holding the write lock from the start (two processes take turns). */
  write<T>(fn: () => T): T {
    return this.#within('BEGIN IMMEDIATE', fn);
  }

  /** Runs `fn` on one unchanging picture of the file, whatever other processes commit meanwhile. */
  read<T>(fn: () => T): T {
    return this.#within('BEGIN', fn);
  }

  /** Starts a picture that lasts until close; for a connection of its own. */
  hold(): void {
    this.#guard(() => this.#db.exec('BEGIN'));
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #within<T>(begin: string, fn: () => T): T {
    this.#guard(() => this.#db.exec(begin));
    try {
      const result = fn();
      this.#guard(() => this.#db.exec('COMMIT'));
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #guard<T>(fn: () => T): T {
    try {
      return fn();
    } catch (thrown) {
      // A page found bad in passing: the next open looks at the whole file before it is trusted again.
      if (resultCode(thrown) === SQLITE.corrupt) writeFileSync(suspectMark(this.path), '');
      throw archiveError(thrown, this.path);
    }
  }
}

/**
 * Opens or makes the archive at `path` and brings its schema up to date. `setAside` is where a damaged file was
 * moved, null when all is well. Throws ARCHIVE_NEWER {path, found, known}, ARCHIVE_FAILED {path, reason}.
 */
export function openDatabase(
  path: string,
  options: { log: Log; stamp: string },
): { database: Database; setAside: string | null } {
  try {
    return { database: open(path), setAside: null };
  } catch (thrown) {
    const damaged = thrown instanceof MusterError && thrown.details['damaged'] === true;
    if (!damaged) throw thrown;
    const setAside = moveAway(path, options.stamp);
    options.log('error', 'the archive is damaged and was set aside; a new one is begun', {
      path,
      setAside,
      reason: thrown.message,
    });
    return { database: open(path), setAside };
  }
}

/** A second, read-only connection to an archive that is open already. */
export function openReader(path: string): Database {
  try {
    return new Database(path, new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS }));
  } catch (thrown) {
    throw archiveError(thrown, path);
  }
}

function open(path: string): Database {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: BUSY_MS });
    db.exec('PRAGMA journal_mode = WAL');
    // NORMAL loses no consistency: after a power cut the cursor goes back with the readings and they come again.
    db.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; PRAGMA foreign_keys = ON');
    migrate(db, path);
    if (existsSync(suspectMark(path))) {
      const verdict = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
      if (verdict !== 'ok') throw damagedError(path, String(verdict));
      rmSync(suspectMark(path));
    }
    return new Database(path, db);
  } catch (thrown) {
    if (db?.isOpen) db.close();
    throw archiveError(thrown, path);
  }
}

function migrate(db: DatabaseSync, path: string): void {
  const pragma = (name: string) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
  if (pragma('user_version') === MIGRATIONS.length && pragma('application_id') === APPLICATION_ID) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    // Read again under the lock: another process may have just done it.
    const found = pragma('user_version');
    const tables = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']);
    if (tables > 0 && pragma('application_id') !== APPLICATION_ID)
      throw new MusterError('ARCHIVE_FAILED', `${path} is another program's database`, {
        path,
        reason: 'it is a database of another program',
      });
    if (found > MIGRATIONS.length)
      throw new MusterError('ARCHIVE_NEWER', `${path} has schema ${found}, known is ${MIGRATIONS.length}`, {
        path,
        found,
        known: MIGRATIONS.length,
      });
    for (const step of MIGRATIONS.slice(found)) db.exec(step);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`);
    db.exec('COMMIT');
  } catch (thrown) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw thrown;
  }
}

/** Moves a damaged archive and its WAL out of the way, so that nothing of it is lost to a later rescue. */
function moveAway(path: string, stamp: string): string {
  const to = path.replace(/(\.db)?$/, `.damaged-${stamp}.db`);
  for (const end of ['', '-wal', '-shm']) if (existsSync(path + end)) renameSync(path + end, to + end);
  rmSync(suspectMark(path), { force: true });
  return to;
}

function suspectMark(path: string): string {
  return `${path}.suspect`;
}

function resultCode(thrown: unknown): number | undefined {
  const code = (thrown as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined; // the low byte is the primary result code
}

function damagedError(path: string, reason: string, cause?: unknown): MusterError {
  return new MusterError(
    'ARCHIVE_FAILED',
    `${path} is damaged: ${reason}`,
    { path, reason, damaged: true },
    cause,
  );
}

function archiveError(thrown: unknown, path: string): MusterError {
  if (thrown instanceof MusterError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const code = resultCode(thrown);
  if (code === SQLITE.corrupt || code === SQLITE.notADatabase) return damagedError(path, reason, thrown);
  const plain = code === SQLITE.full ? 'the disk of this computer is full' : reason;
  return new MusterError('ARCHIVE_FAILED', `${path}: ${plain}`, { path, reason: plain }, thrown);
}
