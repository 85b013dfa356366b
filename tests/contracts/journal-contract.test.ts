/** The journal's contract, on the store itself and on the store behind its thread. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Journal } from '../../device/journal/journal.ts';
import { openJournalStore } from '../../device/journal/journal-store.ts';
import { startJournalThread } from '../../device/journal/journal-thread.ts';
import { decodeBatch, encodeBatch, isPacked } from '../../src/shared/batch.ts';
import type { ChannelInfo } from '../../src/shared/reading.ts';

type Open = (path: string, maxBytes?: number) => Promise<Journal>;
const LARGE = 1 << 30;
const NOW = { offsetMs: 1e12, clock: 'none' } as const;

const KINDS: Record<string, Open> = {
  'in this thread': async (path, maxBytes = LARGE) => openJournalStore({ path, maxBytes }).journal,
  'in its own thread': async (path, maxBytes = LARGE) => {
    const entry = new URL('../../device/main.ts', import.meta.url);
    return (await startJournalThread(entry, { path, maxBytes })).journal;
  },
};

function channel(index: number): ChannelInfo {
  return {
    index,
    sensor: `s${index}`,
    sensorName: 'S',
    driver: 'load',
    channel: 'c',
    quantity: 'load',
    unit: '/',
    decimals: 2,
    periodMs: 1000,
  };
}

/** `rows` of noise that no packing makes small, or of one value. */
function batch(seed: number, rows = 10, noise = false): Uint8Array {
  const value = Float64Array.from({ length: rows }, (_, i) =>
    noise ? Math.sin(seed * 1e5 + i * 7.77) : seed,
  );
  const deltaUs = Uint32Array.from({ length: rows }, (_, i) => i * 1000);
  return encodeBatch({
    baseMs: seed,
    value,
    deltaUs,
    channel: new Uint32Array(rows),
    quality: new Uint8Array(rows),
  });
}

describe.each(Object.entries(KINDS))('the journal %s', (_, open) => {
  let folder: string;
  let path: string;
  let journal: Journal;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'muster-journal-'));
    path = join(folder, 'journal.db');
    journal = await open(path);
  });
  afterEach(async () => {
    await journal.close().catch(() => {});
    rmSync(folder, { recursive: true });
  });

  it('numbers runs from 1 and never uses a number again', async () => {
    expect(await journal.beginRun('boot', NOW)).toBe(1);
    expect(await journal.beginRun('boot', NOW)).toBe(2);
    await journal.close();
    journal = await open(path);
    expect(await journal.beginRun('boot', NOW)).toBe(3);
    await journal.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    journal = await open(path);
    expect(await journal.beginRun('boot', NOW)).toBe(4);
  });

  it('gives back the batches it was given, packed when that is smaller', async () => {
    const run = await journal.beginRun('boot', NOW);
    const given = batch(5, 500);
    await journal.append(run, 1, given.slice(), [channel(0)]);
    const { batches, head, trimmedTo } = await journal.read(null, 1_000_000);
    expect([head, trimmedTo]).toEqual([{ run, batch: 1 }, null]);
    const data = batches[0]?.data ?? new Uint8Array();
    expect(isPacked(data)).toBe(true);
    expect(data.length).toBeLessThan(given.length);
    expect(decodeBatch(zstdDecompressSync(data)).value).toEqual(decodeBatch(given).value);
  });

  it('takes a repeated append once and refuses a hole', async () => {
    const run = await journal.beginRun('boot', NOW);
    await journal.append(run, 1, batch(1), []);
    await journal.append(run, 1, batch(99), [channel(7)]);
    await expect(journal.append(run, 3, batch(3), [])).rejects.toMatchObject({
      code: 'JOURNAL_FAILED',
      details: { expected: 2, actual: 3 },
    });
    const { batches } = await journal.read(null, 1_000_000);
    expect(batches.map(({ batch }) => batch)).toEqual([1]);
    expect(await journal.lastBatch(run)).toBe(1);
    // the channels of a repeated append are kept all the same
    expect(await journal.channels(run, 0)).toEqual([channel(7)]);
  });

  it('reads from any cursor, in order over runs, at least one and about as much as asked', async () => {
    for (const run of [1, 2]) {
      await journal.beginRun('boot', NOW);
      for (let n = 1; n <= 5; n++) await journal.append(run, n, batch(n, 100, true), []);
    }
    const keys = async (after: { run: number; batch: number } | null, maxBytes: number) =>
      (await journal.read(after, maxBytes)).batches.map(({ run, batch }) => `${run}.${batch}`);
    expect(await keys(null, 1_000_000)).toHaveLength(10);
    expect(await keys({ run: 1, batch: 4 }, 1_000_000)).toEqual(['1.5', '2.1', '2.2', '2.3', '2.4', '2.5']);
    expect(await keys({ run: 1, batch: 999 }, 1)).toEqual(['2.1']);
    expect(await keys({ run: 2, batch: 5 }, 1_000_000)).toEqual([]);
    expect(await keys({ run: 77, batch: 0 }, 1_000_000)).toEqual([]);
  });

  it('reads backwards from the head or any place, each batch once, not beyond the cursor', async () => {
    for (const run of [1, 2]) {
      await journal.beginRun('boot', NOW);
      for (let n = 1; n <= 5; n++) await journal.append(run, n, batch(n, 100, true), []);
    }
    const back = async (maxBytes: number) => {
      const keys: string[] = [];
      for (let before: { run: number; batch: number } | null = null; ;) {
        const { batches } = await journal.read({ run: 1, batch: 3 }, maxBytes, before);
        const last = batches.at(-1);
        if (!last) return keys;
        keys.push(...batches.map(({ run, batch: n }) => `${run}.${n}`));
        before = { run: last.run, batch: last.batch };
      }
    };
    const all = ['2.5', '2.4', '2.3', '2.2', '2.1', '1.5', '1.4'];
    expect(await back(1_000_000)).toEqual(all);
    expect(await back(1)).toEqual(all);
    expect(await back(4000)).toEqual(all);
  });

  it('tells runs with their channels, and corrects a clock in one row', async () => {
    const run = await journal.beginRun('boot-1', NOW);
    await journal.append(run, 1, batch(1), [channel(0), channel(1)]);
    await journal.append(run, 2, batch(2), [channel(2)]);
    await journal.observeClock(run, { offsetMs: 2e12, clock: 'ntp' });
    expect(await journal.runs(1)).toEqual([
      {
        run,
        bootId: 'boot-1',
        offsetMs: 2e12,
        clock: 'ntp',
        firstBatch: 1,
        lastBatch: 2,
        current: false,
        channels: [channel(0), channel(1), channel(2)],
      },
    ]);
    expect(await journal.channels(run, 1)).toEqual([channel(1), channel(2)]);
    expect(await journal.runs(run + 1)).toEqual([]);
  });

  it('keeps within its bound, drops the oldest and counts them', { timeout: 60_000 }, async () => {
    await journal.close();
    const bound = 1024 * 1024;
    journal = await open(path, bound);
    const first = await journal.beginRun('boot', NOW);
    await journal.append(first, 1, batch(0, 1000, true), [channel(0)]);
    const run = await journal.beginRun('boot', NOW);
    for (let n = 1; n <= 200; n++)
      await journal.append(run, n, batch(n, 1000, true), n === 1 ? [channel(0)] : []);
    const { batches, bytes, trimmedBatches } = await journal.figures();
    expect(bytes).toBeLessThanOrEqual(bound);
    expect(trimmedBatches).toBe(201 - batches);
    expect(trimmedBatches).toBeGreaterThan(50);
    expect(statSync(path).size).toBeLessThan(bound * 1.3);

    const { batches: kept, trimmedTo } = await journal.read(null, 1 << 29);
    expect(trimmedTo).toEqual({ run, batch: 200 - batches });
    expect(kept.map(({ batch }) => batch)).toEqual(
      Array.from({ length: batches }, (_, i) => 201 - batches + i),
    );
    expect((await journal.runs(1)).map((row) => row.run)).toEqual([run]);
    // a cursor behind the cut learns of it, one beyond it does not; both survive a restart
    await journal.close();
    journal = await open(path, bound);
    expect((await journal.read({ run: first, batch: 1 }, 1)).trimmedTo).toEqual(trimmedTo);
    expect((await journal.read(trimmedTo, 1)).trimmedTo).toBeNull();
    expect(await journal.lastBatch(run)).toBe(200);
    expect(await journal.beginRun('boot', NOW)).toBe(run + 1);
  });

  it('puts a broken file aside and goes on', async () => {
    await journal.beginRun('boot', NOW);
    await journal.close();
    rmSync(`${path}-wal`, { force: true });
    writeFileSync(path, 'no database at all '.repeat(1000));
    journal = await open(path);
    expect(await journal.beginRun('boot', NOW)).toBe(2);
    expect(statSync(`${path}.broken`).size).toBeGreaterThan(0);
  });
});

describe('the journal file', () => {
  it('belongs to one daemon at a time, and is free again when its thread was killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-journal-'));
    const options = { path: join(folder, 'journal.db'), maxBytes: LARGE };
    const entry = new URL('../../device/main.ts', import.meta.url);
    const first = await startJournalThread(entry, options);
    const run = await first.journal.beginRun('boot', NOW);
    await expect(startJournalThread(entry, options)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    await first.journal.append(run, 1, batch(1), []);
    first.kill();
    expect(await first.exited).toEqual({ kind: 'killed' });
    await expect(first.journal.lastBatch(run)).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
    const second = await startJournalThread(entry, options);
    expect(await second.journal.lastBatch(run)).toBe(1);
    second.shutdown();
    expect(await second.exited).toEqual({ kind: 'shutdown' });
    rmSync(folder, { recursive: true });
  });
});
