import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openArchive } from '../../src/core/archive/archive.ts';
import { noLog } from '../../src/shared/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fill } from '../support/ingest-child.ts';
import { EVERYTHING, tempArchive, tempFolder } from '../support/temp-archive.ts';

const open = (path: string) => openArchive(path, { clock: new FakeClock(), log: noLog });
const place = () => join(tempFolder(), 'archive.db');

/** Overwrites the first page of a table. */
function spoil(path: string, table: string): void {
  const db = new DatabaseSync(path);
  const page = Number(
    db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table)!['rootpage'],
  );
  db.close();
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, (page - 1) * 4096);
  closeSync(file);
}

describe('a damaged archive', () => {
  it('is set aside whole, with a name and a word, and a new one is begun', async () => {
    const path = place();
    writeFileSync(path, 'this is not a database, but somebody may want to look at it');
    const told: unknown[] = [];
    const archive = await tempArchive(path, (level, message, fields) => told.push([level, message, fields]));
    expect(archive.setAside).toBe(join(dirname(path), 'archive.damaged-20260503120000.db'));
    expect(readFileSync(archive.setAside!, 'utf8')).toContain('somebody may want to look');
    expect(told).toEqual([['error', expect.stringContaining('damaged'), expect.objectContaining({ path })]]);
    expect(await archive.cursor('d')).toBeNull();
  });

  it('is found out when a page is met that is no page, and set aside when it is opened next', async () => {
    const path = place();
    await fill(path, 100);
    spoil(path, 'chunk');
    const archive = await open(path);
    await expect(archive.audit(EVERYTHING)).rejects.toMatchObject({
      code: 'ARCHIVE_FAILED',
      details: { path, damaged: true },
    });
    await archive.close();
    const next = await tempArchive(path);
    expect(next.setAside).not.toBeNull();
    expect(existsSync(next.setAside!)).toBe(true);
    expect(await next.cursor('d')).toBeNull();
  });

  it('is set aside at once when opening meets the damage', async () => {
    const path = place();
    await fill(path, 100);
    spoil(path, 'hot');
    const archive = await tempArchive(path);
    expect(existsSync(archive.setAside!)).toBe(true);
    expect(await archive.count(EVERYTHING)).toBe(0);
  });
});

describe('an archive of a newer Muster', () => {
  it('is refused by name and left alone', async () => {
    const path = place();
    await (await open(path)).close();
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 999');
    db.close();
    await expect(open(path)).rejects.toMatchObject({ code: 'ARCHIVE_NEWER', details: { path, found: 999 } });
    expect(existsSync(path)).toBe(true);
  });
});

describe('a database of another program', () => {
  it('is refused and left alone', async () => {
    const path = place();
    const db = new DatabaseSync(path);
    db.exec('CREATE TABLE photos (id INTEGER)');
    db.close();
    await expect(open(path)).rejects.toMatchObject({ code: 'ARCHIVE_FAILED', details: { path } });
    const again = new DatabaseSync(path);
    expect(again.prepare('SELECT name FROM sqlite_schema').all()).toMatchObject([{ name: 'photos' }]);
    again.close();
  });
});

describe('a folder that cannot hold an archive', () => {
  it('is named', async () => {
    const path = join(tempFolder(), 'missing', 'archive.db');
    await expect(open(path)).rejects.toMatchObject({ code: 'ARCHIVE_FAILED', details: { path } });
  });
});
