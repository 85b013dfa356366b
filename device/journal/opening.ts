/**
 * Opens the journal's file, whatever state it is in. Owns: what is done about a file that is broken or of a newer
 * daemon, and the names things are set aside under. A broken file is kept under a name of its own after its good part
 * has been copied into a new one; a newer one is left alone and a new one begun beside it. Refuses: to read a broken
 * file (salvage.ts). Called by the store.
 */
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  DamagedFile,
  isDamagedOpening,
  journalError,
  NewerSchema,
  openFile,
  SCHEMA_VERSION,
  type Database,
} from './database.ts';
import { salvage } from './salvage.ts';

/** A card that breaks the journal again and again must not be filled with its broken copies: the oldest go. */
const ASIDES_KEPT = 3;

/** What had to be done to open the journal. */
export interface Recovery {
  why: 'damaged' | 'newer';
  /** The file that is not used any more. */
  aside: string;
  /** Batches that were saved from it. */
  kept: number;
  /** Batches known to be gone. */
  lost: number;
}

export interface Opened {
  database: Database;
  /** The file that is used: the one asked for, or one beside it. */
  path: string;
  recovery: Recovery | null;
}

/** Opens or makes the file at `path`. Throws ALREADY_RUNNING, JOURNAL_FAILED. */
export function openDatabase(path: string): Opened {
  try {
    return openOrSalvage(path);
  } catch (error) {
    if (!(error instanceof NewerSchema)) throw journalError(error);
  }
  try {
    const beside = openOrSalvage(`${path}.schema${SCHEMA_VERSION}`);
    return {
      ...beside,
      recovery: beside.recovery ?? { why: 'newer', aside: path, kept: 0, lost: 0 },
    };
  } catch (error) {
    throw journalError(error);
  }
}

/** Sets a file that turned out to be broken aside; the next opening saves what is good in it. */
export function condemn(path: string): void {
  // a file that is gone altogether leaves its log
  writeFileSync(path, '', { flag: 'a' });
  for (const suffix of ['-wal', ''])
    if (existsSync(path + suffix)) renameSync(path + suffix, damagedName(path) + suffix);
}

/** Broken files that were set aside, oldest first. */
export function asides(path: string): string[] {
  const folder = dirname(path);
  const start = `${basename(path)}.broken`;
  return readdirSync(folder)
    .filter((name) => name.startsWith(start) && !name.endsWith('-wal'))
    .toSorted((a, b) => ordinal(a) - ordinal(b))
    .map((name) => join(folder, name));
}

/** A file under this name is being saved from; a cut in the middle of that is gone on with. */
function damagedName(path: string): string {
  return `${path}.damaged`;
}

/** A file cut to nothing beside a log with content: SQLite would throw the log away. */
function hasLostItsFile(path: string): boolean {
  const bytes = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return bytes(path) === 0 && bytes(`${path}-wal`) > 0;
}

function ordinal(name: string): number {
  return Number(/\.broken-(\d+)$/.exec(name)?.[1] ?? 1);
}

function openOrSalvage(path: string): Opened {
  const damaged = damagedName(path);
  if (!existsSync(damaged)) {
    try {
      if (hasLostItsFile(path)) throw new DamagedFile('only its log is left');
      return { database: openFile(path), path, recovery: null };
    } catch (error) {
      if (!isDamagedOpening(error, path)) throw error;
      condemn(path);
    }
  }
  const database = openFile(path);
  try {
    const { kept, lost } = salvage(damaged, database);
    const last = asides(path).at(-1);
    const aside = last ? `${path}.broken-${ordinal(last) + 1}` : `${path}.broken`;
    for (const suffix of ['-wal', ''])
      if (existsSync(damaged + suffix)) renameSync(damaged + suffix, aside + suffix);
    for (const old of asides(path).slice(0, -ASIDES_KEPT))
      for (const suffix of ['-wal', '']) rmSync(old + suffix, { force: true });
    return { database, path, recovery: { why: 'damaged', aside, kept, lost } };
  } catch (error) {
    database.close();
    throw error;
  }
}
