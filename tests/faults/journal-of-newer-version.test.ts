/** A daemon that was rolled back finds the journal of the newer one: it leaves it alone and records beside it. */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BELIEF, contentOf, FilledJournal, testBatch } from '../support/filled-journal.ts';

let filled: FilledJournal;
beforeEach(async () => {
  filled = new FilledJournal();
  await filled.fill(2, 10);
});
afterEach(() => filled.remove());

it('leaves it as it is, names it, goes on beside it with new run numbers', async () => {
  const newer = new DatabaseSync(filled.path);
  newer.exec(
    `PRAGMA user_version = 9; UPDATE counters SET value = 9 WHERE name = 'schema'; CREATE TABLE more (x);`,
  );
  newer.close();
  const before = readFileSync(filled.path);

  for (const run of [3, 4]) {
    const { journal, recovery } = filled.open();
    expect(recovery).toEqual({ why: 'newer', aside: filled.path, kept: 0, lost: 0 });
    expect(await journal.beginRun('boot', BELIEF)).toBe(run);
    await journal.append(run, 1, testBatch(run, 1, 5), []);
    await journal.close();
  }
  expect(readFileSync(filled.path).equals(before)).toBe(true);

  const { journal } = filled.open();
  expect([...(await contentOf(journal)).keys()]).toEqual(['3.1', '4.1']);
  await journal.close();
});
