/** The journal's file was cut off, as file systems do after a power cut: what is left of it is kept and served. */
import { copyFileSync, existsSync, truncateSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { BELIEF, FilledJournal, readWhatIsLeft, testBatch } from '../support/filled-journal.ts';

const RUNS = 2;
const BATCHES = 100;

let filled: FilledJournal;
let whole: Buffer;
beforeEach(async () => {
  ({ filled, whole } = await FilledJournal.make(RUNS, BATCHES));
});

describe('a truncated journal', { timeout: 120_000 }, () => {
  it('keeps what lies before the cut, wherever that is, and never uses a run number again', async () => {
    let runs = RUNS;
    let last = -1;
    for (let length = 0; length < whole.length; length += 1111) {
      writeFileSync(filled.path, whole.subarray(0, length));
      const { journal, recovery, content } = await readWhatIsLeft(filled);
      expect(filled.changed(content)).toEqual([]);
      // the file grew with its batches: so much of it is about so many of them
      expect(content.size).toBeGreaterThanOrEqual((length / whole.length) * RUNS * BATCHES - 20);
      expect(content.size).toBeGreaterThanOrEqual(last - 1);
      last = content.size;
      // an empty file is a new one to everybody
      const aside = length > 0 ? recovery?.aside : filled.path;
      expect(existsSync(aside ?? '')).toBe(true);
      const run = await journal.beginRun('boot', BELIEF);
      expect(run).toBe(++runs);
      await journal.append(run, 1, testBatch(run, 1, 5), []);
      expect(await journal.lastBatch(run)).toBe(1);
      await journal.close();
    }
  });

  it('loses nothing when only the log of the last minutes is left', async () => {
    // a journal that is still open: all it holds lies in its log
    const open = new FilledJournal();
    const { journal } = open.open();
    const run = await journal.beginRun('boot', BELIEF);
    for (let batch = 1; batch <= 30; batch++)
      await journal.append(run, batch, testBatch(run, batch, batch === 7 ? 400 : 5), []);
    for (const suffix of ['', '-wal']) copyFileSync(open.path + suffix, filled.path + suffix);
    truncateSync(filled.path, 0);
    await journal.close();
    open.remove();
    const left = await readWhatIsLeft(filled);
    expect([...left.content.keys()]).toEqual(Array.from({ length: 30 }, (_, i) => `1.${i + 1}`));
    expect(left.recovery).toMatchObject({ why: 'damaged', kept: 30, lost: 0 });
    await left.journal.close();
  });

  it('is saved from again where a power cut ended the saving', async () => {
    writeFileSync(`${filled.path}.damaged`, whole.subarray(0, whole.length - 100));
    const { content, recovery, journal } = await readWhatIsLeft(filled);
    expect(content.size).toBe(RUNS * BATCHES);
    expect(recovery?.aside).toBe(`${filled.path}.broken`);
    await journal.close();
    const again = filled.open();
    expect(again.recovery).toBeNull();
    await again.journal.close();
  });
});
