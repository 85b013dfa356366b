/** A journal of an earlier daemon is brought forward: all its batches, runs, channels and what it had trimmed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournalStore } from '../../../device/journal/journal-store.ts';
import { contentOf, LARGE, testBatch, testChannel } from '../../support/filled-journal.ts';

const SCHEMA_1 = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE runs (run INTEGER PRIMARY KEY, boot_id TEXT NOT NULL, offset_ms REAL NOT NULL, clock TEXT NOT NULL);
  CREATE TABLE channels (run INTEGER NOT NULL, idx INTEGER NOT NULL, info TEXT NOT NULL, PRIMARY KEY (run, idx))
    WITHOUT ROWID;
  CREATE TABLE batches (run INTEGER NOT NULL, batch INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (run, batch))
    WITHOUT ROWID;
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  PRAGMA user_version = 1;
`;
const FIRST = 11;
const LAST = 700;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-older-'));
  path = join(folder, 'journal.db');
  const old = new DatabaseSync(path);
  old.exec(SCHEMA_1);
  old.exec('BEGIN');
  old.prepare('INSERT INTO runs VALUES (?, ?, ?, ?)').run(4, 'boot-4', 1e12, 'ntp');
  old.prepare('INSERT INTO channels VALUES (?, ?, ?)').run(4, 0, JSON.stringify(testChannel(0)));
  for (let batch = FIRST; batch <= LAST; batch++)
    old.prepare('INSERT INTO batches VALUES (?, ?, ?)').run(4, batch, testBatch(4, batch, 5));
  for (const [name, value] of Object.entries({
    last_run: 4,
    trimmed_batches: 10,
    trimmed_run: 4,
    trimmed_batch: FIRST - 1,
  }))
    old.prepare('INSERT INTO counters VALUES (?, ?)').run(name, value);
  old.exec('COMMIT');
  old.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

async function expectAll(): Promise<void> {
  const { journal, recovery } = openJournalStore({ path, maxBytes: LARGE });
  expect(recovery).toBeNull();
  const content = await contentOf(journal);
  expect([...content.keys()]).toEqual(Array.from({ length: LAST - FIRST + 1 }, (_, i) => `4.${FIRST + i}`));
  expect(content.get(`4.${LAST}`)).toEqual(testBatch(4, LAST, 5));
  expect((await journal.read(null, 1)).trimmedTo).toEqual({ run: 4, batch: FIRST - 1 });
  expect((await journal.figures()).trimmedBatches).toBe(10);
  expect(await journal.runs(1)).toMatchObject([
    {
      run: 4,
      bootId: 'boot-4',
      offsetMs: 1e12,
      clock: 'ntp',
      firstBatch: FIRST,
      lastBatch: LAST,
      channels: [testChannel(0)],
    },
  ]);
  await journal.append(4, LAST + 1, testBatch(4, LAST + 1, 5), []);
  expect(await journal.lastBatch(4)).toBe(LAST + 1);
  expect(await journal.beginRun('boot-5', { offsetMs: 0, clock: 'none' })).toBe(5);
  await journal.close();
}

describe('a journal of schema 1', () => {
  it('is brought forward with all it holds', expectAll);

  it('is brought forward in the end when that was cut in the middle', async () => {
    // one row that cannot be moved yet ends the first attempt after some transactions
    const old = new DatabaseSync(path);
    old.exec(`
      CREATE TRIGGER cut BEFORE DELETE ON batches WHEN old.batch = 600 BEGIN SELECT raise(ABORT, 'cut'); END;
    `);
    old.close();
    expect(() => openJournalStore({ path, maxBytes: LARGE })).toThrow('cut');
    const half = new DatabaseSync(path);
    expect(half.prepare('SELECT count(*) AS n FROM batches').get()?.['n']).toBe(512);
    half.exec('DROP TRIGGER cut');
    half.close();
    await expectAll();
  });
});
