/** Fault: a device without any clock recorded, over restarts, and is put right afterwards. */
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathsOf } from '../../device/platform/paths.ts';
import { CLOCK_WORDS } from '../../src/core/archive/walk.ts';
import { ClockedDevice, linkTo } from '../support/clocked-device.ts';
import { EVERYTHING, readingsOf, tempArchive, tempFolder } from '../support/temp-archive.ts';
import { until } from '../support/until.ts';

/** All rows of all tables but those that only hold notes about clocks. */
function contents(path: string): Map<string, unknown[]> {
  const db = new DatabaseSync(path, { readOnly: true });
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as {
    name: string;
  }[];
  const out = new Map(
    tables
      .filter(({ name }) => !name.startsWith('clock_') && !name.startsWith('sqlite_'))
      .map(({ name }) => [name, db.prepare(`SELECT * FROM ${name}`).all()] as const),
  );
  db.close();
  return out;
}

describe('recorded without any clock', () => {
  it('is put right by one row a run, on the device and in the archive', { timeout: 90_000 }, async () => {
    const device = new ClockedDevice(40_000);
    await device.start();
    const path = join(tempFolder(), 'archive.db');
    const archive = await tempArchive(path);
    const blind = linkTo(device, archive);
    await until(async () => (await readingsOf(archive)).length > 10, 'readings');
    await blind.stop();
    const [channel] = await archive.channels(null);
    const one = { ...EVERYTHING, channels: [channel!.id] };
    const seen = await readingsOf(archive, one);
    const archived = contents(path);
    const { run, lastBatch } = await device.run();
    const kept = await device.batches(run, lastBatch);

    const offered: string[] = [];
    const link = linkTo(device, archive, { offerTime: ({ verdict }) => offered.push(verdict) });
    await until(async () => (await readingsOf(archive, one)).length > seen.length, 'the readings of after');
    await link.stop();
    expect(offered).toEqual(['taken']);

    expect(await device.batches(run, lastBatch)).toEqual(kept);
    const { offsetMs, clock } = await device.run();
    expect(clock).toBe('laptop');
    const right = await readingsOf(archive, one);
    const moved = right[0]!.t - seen[0]!.t;
    expect(Math.abs(right.at(-1)!.t - Date.now())).toBeLessThan(60_000);
    for (const [i, { t, value }] of seen.entries()) {
      expect(right[i]!.value).toBe(value);
      expect(right[i]!.t - t).toBeCloseTo(moved, 3);
    }
    for await (const { clock: source } of archive.pieces(one))
      expect([...new Set(source)].map((word) => CLOCK_WORDS[word])).toEqual(['laptop']);
    // what was there is there as it was: the batches, the chunks, the channels; one run has another offset
    const now = contents(path);
    const asBefore = [...archived]
      .filter(([table]) => table !== 'run' && table !== 'device')
      .map(([table, rows]) => [table, now.get(table)?.slice(0, rows.length), rows] as const);
    expect(asBefore.length).toBeGreaterThan(5);
    for (const [, after, before] of asBefore) expect(after).toEqual(before);
    expect(now.get('run')).toMatchObject([{ run, offset_ms: offsetMs, clock: 'laptop' }]);
  });

  it('earlier runs of the same boot are put right with it, those of another boot are not', async () => {
    const device = new ClockedDevice(40_000);
    for (const boot of ['boot-0', 'boot-1', 'boot-1']) {
      device.boot(boot);
      await device.start();
      await device.records(1);
      await device.stop();
    }
    await device.start();
    const { offsetMs } = await device.call.offerTime({ wallMs: Date.now(), roundTripMs: 0, by: 'laptop' });
    const { runs } = await device.call.runs({ from: 1 });
    expect(runs.map(({ bootId, clock }) => [bootId, clock])).toEqual([
      ['boot-0', 'none'],
      ['boot-1', 'laptop'],
      ['boot-1', 'laptop'],
      ['boot-1', 'laptop'],
    ]);
    for (const run of runs.slice(1)) expect(run.offsetMs).toBe(offsetMs);
    expect(runs[0]!.offsetMs).toBeLessThan(1e7);
    expect((await device.call.clock({})).events.map(({ run }) => run).toSorted((a, b) => a - b)).toEqual([
      2, 3, 4,
    ]);
    await device.stop();
    const journal = contents(pathsOf(device.prefix).journal);
    expect(journal.get('runs')).toHaveLength(4);
  });
});
