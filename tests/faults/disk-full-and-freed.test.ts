/**
 * The disk under the journal fills up and is freed again, for real: a file system of two megabytes. The journal first
 * gives its own oldest batches for new ones; when not even that can be written, readings wait, and what is beyond the
 * bound of waiting is dropped, counted and told. On a freed disk everything goes on by itself.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Batcher } from '../../device/journal/batcher.ts';
import { Intake } from '../../device/journal/intake.ts';
import type { Journal } from '../../device/journal/journal.ts';
import { openJournalStore } from '../../device/journal/journal-store.ts';
import { noLog } from '../../src/shared/log.ts';
import { unpack, TestPrefix } from '../support/daemon-process.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { BELIEF, contentOf, LARGE, testBatch, testChannel } from '../support/filled-journal.ts';
import { need } from '../support/need.ts';
import { until } from '../support/until.ts';

const MB = 1024 * 1024;
const mounted: string[] = [];

function mountSmall(path: string, bytes: number): void {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path]);
  mounted.push(path);
}

/** Takes all the room there is; returns what gives it back. */
function fillUp(folder: string): () => void {
  const path = join(folder, 'ballast');
  const file = openSync(path, 'w');
  expect(() => {
    for (;;) writeSync(file, Buffer.alloc(4096));
  }).toThrow('ENOSPC');
  closeSync(file);
  expect(statfsSync(folder).bavail).toBe(0);
  return () => rmSync(path);
}

describe.skipIf(!need('mount'))('a disk that is full, and freed again', { timeout: 120_000 }, () => {
  let folder: string;
  let prefix: TestPrefix;
  beforeEach(() => {
    prefix = new TestPrefix();
    folder = mkdtempSync(join(tmpdir(), 'muster-full-'));
  });
  afterEach(async () => {
    await prefix.remove().catch(() => {});
    for (const path of mounted.splice(0)) execFileSync('umount', ['-l', path]);
    await prefix.remove();
    rmSync(folder, { recursive: true });
  });

  it('costs the oldest batches, counted, while those make room', async () => {
    mountSmall(folder, 2 * MB);
    const path = join(folder, 'journal.db');
    let { journal } = openJournalStore({ path, maxBytes: LARGE });
    const run = await journal.beginRun('boot', BELIEF);
    let batch = 0;
    const write = (rows: number) =>
      journal.append(run, ++batch, testBatch(run, batch, rows), batch === 1 ? [testChannel(0)] : []);
    for (let i = 0; i < 60; i++) await write(200);
    // opened again, its log is in the file, and there is a log of some length to write the trimming to
    await journal.close();
    ({ journal } = openJournalStore({ path, maxBytes: LARGE }));
    for (let i = 0; i < 60; i++) await write(200);
    const free = fillUp(folder);
    const refused: unknown[] = [];
    for (let i = 0; i < 200; i++)
      await write(20).catch((error: unknown) => {
        batch--;
        refused.push(error);
      });
    const full = { code: 'JOURNAL_FAILED', details: { full: true } };
    expect(refused).toMatchObject(refused.map(() => full));
    free();
    await write(20);
    const { trimmedBatches } = await journal.figures();
    const held = [...(await contentOf(journal)).keys()];
    // each is held, or was counted as trimmed, or its caller was told
    expect(held).toEqual(
      Array.from({ length: batch - trimmedBatches }, (_, i) => `1.${trimmedBatches + i + 1}`),
    );
    expect(trimmedBatches + refused.length).toBeGreaterThan(0);
    expect(await journal.channels(run, 0)).toEqual([testChannel(0)]);
    await journal.close();
  });

  it('lets readings wait up to a bound, then drops the oldest of them and says how many', async () => {
    const clock = new FakeClock();
    let full = true;
    const taken: { batch: number; channels: number; values: number[] }[] = [];
    const journal = {
      async append(_run: number, batch: number, data: Uint8Array, channels: unknown[]) {
        if (full) throw new Error('database or disk is full');
        taken.push({ batch, channels: channels.length, values: [...unpack(data).value] });
      },
    } as unknown as Journal;
    const intake = new Intake(() => batcher.seal());
    const batcher: Batcher = new Batcher({
      intake,
      journal: () => journal,
      clock,
      log: noLog,
      onFlushed: () => {},
    });
    batcher.begin(1, 0);
    const { index: _, ...info } = testChannel(0);
    let given = 0;
    const ROWS = 50_000;
    for (let round = 0; round < 40; round++) {
      if (round === 3) intake.register({ ...info, channel: 'later' });
      for (let i = 0; i < ROWS; i++) intake.record(0, given, given++, 0);
      await expect(batcher.flush()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
      expect(batcher.waitingBytes).toBeLessThanOrEqual(16 * MB);
    }
    full = false;
    await batcher.flush();
    const values = taken.flatMap((row) => row.values);
    expect(values.length + batcher.lostReadings).toBe(given);
    expect(batcher.lostReadings).toBeGreaterThan(ROWS);
    expect(values.at(-1)).toBe(given - 1);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(taken.map((row) => row.batch)).toEqual(taken.map((_row, i) => i + 1));
    // a channel outlives the batch that was to bring it
    expect(taken.reduce((n, row) => n + row.channels, 0)).toBe(1);
    expect(batcher.waitingBytes).toBe(0);
  });

  it('is told in the status of a running daemon, whose control answers, and it goes on by itself', async () => {
    mountSmall(prefix.state, 2 * MB);
    writeFileSync(
      join(prefix.state, 'config.yaml'),
      `
version: 1
announce: { by: none }
hosts: { mode: inline }
journal: { flushMs: 20, idleFlushMs: 20 }
buses: [{ id: i2c-1, kind: sim, chips: [{ chip: tmp102, address: 0x48 }] }]
sensors: [{ id: air, driver: tmp102, bus: i2c-1, periodMs: 10 }]
`,
    );
    const daemon = await prefix.run();
    const client = await prefix.connect();
    await until(async () => (await client.call.status({})).journal.batches > 20, 'some batches');
    const free = fillUp(prefix.state);
    await until(
      async () => (await client.call.status({})).journal.problem !== null,
      'the problem in the status',
    );
    const { journal } = await client.call.status({});
    expect(journal.problem).toMatch(/full/);
    expect(journal.mayLoseMs).toBeGreaterThan(0);
    expect(daemon.said()).toContain('readings wait for the journal');
    free();
    await until(async () => {
      const now = (await client.call.status({})).journal;
      return now.problem === null && now.waitingBytes === 0 && now.batches > journal.batches;
    }, 'the recovery');
    const held = new Map<number, number>();
    const { batches, trimmedTo } = await client.call.pull({ after: null, maxBytes: 8_000_000, waitMs: 0 });
    for (const { run, batch } of batches) {
      expect(batch).toBe((held.get(run) ?? trimmedTo?.batch ?? 0) + 1);
      held.set(run, batch);
    }
    const after = (await client.call.status({})).journal;
    expect([after.lostReadings, after.damagedBatches]).toEqual([0, 0]);
    client.close();
    daemon.process.kill('SIGTERM');
    expect(await daemon.ended).toBe(0);
  });
});
