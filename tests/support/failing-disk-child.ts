/**
 * Run with failing-disk.c preloaded: one life of a journal (open, run, batches with trims, close, open again) for every
 * N of its operations on the disk, which fail from the Nth on. Prints a line of JSON for each way of failing.
 * Breaks off with an error when the journal loses what it promised, holds what it was not given, or does not recover.
 */
import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Journal } from '../../device/journal/journal.ts';
import { openJournalStore } from '../../device/journal/journal-store.ts';
import { toMusterError } from '../../src/shared/errors.ts';
import { BELIEF, testBatch, testChannel } from './filled-journal.ts';

const BATCHES = 8;
const OFF = -1;
const EIO = 5;
const ENOSPC = 28;
/** So small that batches are trimmed within a life. */
const MAX_BYTES = 24 * 1024;
/** Attempts after which the disk is made to work again. */
const PATIENCE = 4;

const control = openSync(process.env['FAULT_CONTROL'] ?? '', 'r+');
const base = mkdtempSync(join(tmpdir(), 'muster-disk-'));

function arm(left: number, how: number, errno: number): void {
  writeSync(control, new Uint8Array(Int32Array.of(left, how, errno, 0).buffer), 0, 16, 0);
}

function told(): { left: number; seen: number } {
  const words = new Int32Array(4);
  readSync(control, words, 0, 16, 0);
  return { left: words[0] ?? 0, seen: words[3] ?? 0 };
}

/** Does `work` until it succeeds; the disk is repaired after some failures, and then it must. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    if (failures === PATIENCE) arm(OFF, 0, 0);
    try {
      return await work();
    } catch (error) {
      assert.equal(toMusterError(error).code, 'JOURNAL_FAILED', String(error));
      assert.ok(failures < PATIENCE, `still failing on a repaired disk: ${String(error)}`);
    }
  }
}

/** Checks that a journal holds just the batches up to `last`, but for those that it says it trimmed. */
async function check(journal: Journal, run: number, last: { least: number; most: number }): Promise<void> {
  const { batches, trimmedTo } = await journal.read(null, 1 << 30);
  const from = trimmedTo?.run === run ? trimmedTo.batch + 1 : 1;
  assert.deepEqual(
    batches.map(({ batch }) => batch),
    Array.from({ length: batches.length }, (_, i) => from + i),
  );
  const end = from - 1 + batches.length;
  assert.ok(end >= last.least && end <= last.most, `ends at ${end}, promised ${last.least}`);
  const { trimmedBatches } = await journal.figures();
  assert.equal(trimmedBatches, from - 1);
  if (batches.length > 0) assert.deepEqual((await journal.runs(run))[0]?.channels, [testChannel(0)]);
}

/** What the disk holds at this moment, opened as after a power cut. */
async function checkAfterPowerCut(path: string, run: number, last: { least: number; most: number }) {
  const folder = join(base, 'cut');
  mkdirSync(folder);
  const copy = join(folder, 'copy.db');
  for (const suffix of ['', '-wal'])
    if (existsSync(path + suffix)) copyFileSync(path + suffix, copy + suffix);
  const { journal } = openJournalStore({ path: copy, maxBytes: 1 << 30 });
  await check(journal, run, last);
  await journal.close();
  rmSync(folder, { recursive: true });
}

async function life(): Promise<void> {
  const folder = mkdtempSync(join(base, 'life-'));
  const path = join(folder, 'journal.db');
  const open = async () => openJournalStore({ path, maxBytes: MAX_BYTES }).journal;
  let journal = await insist(open);
  const run = await insist(() => journal.beginRun('boot', BELIEF));
  for (let batch = 1; batch <= BATCHES; batch++) {
    const rows = batch % 4 === 0 ? 300 : 5;
    await insist(async () => {
      try {
        await journal.append(run, batch, testBatch(run, batch, rows), batch === 1 ? [testChannel(0)] : []);
      } catch (error) {
        if (told().left === 0) await checkAfterPowerCut(path, run, { least: batch - 1, most: batch });
        throw error;
      }
    });
  }
  await check(journal, run, { least: BATCHES, most: BATCHES });
  await journal.close();
  journal = await insist(open);
  await check(journal, run, { least: BATCHES, most: BATCHES });
  assert.ok((await insist(() => journal.beginRun('boot', BELIEF))) > run);
  await journal.close();
  rmSync(folder, { recursive: true });
}

for (const [how, name] of ['once', 'from then on', 'from then on, half a write first'].entries())
  for (const errno of [EIO, ENOSPC]) {
    let n = 0;
    for (let reached = true; reached; n++) {
      arm(n, how, errno);
      try {
        await life();
      } catch (error) {
        throw new Error(`operation ${n} ${name}, errno ${errno}`, { cause: error });
      }
      // the control is off when the disk failed and was repaired; it still counts when the life ended before
      reached = told().left === OFF;
    }
    process.stdout.write(`${JSON.stringify({ name, errno, operations: n })}\n`);
  }
arm(OFF, 0, 0);
closeSync(control);
rmSync(base, { recursive: true });
