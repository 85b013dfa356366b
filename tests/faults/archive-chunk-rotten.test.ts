import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openArchive, type Archive } from '../../src/core/archive/archive.ts';
import { exportCsv } from '../../src/core/export/export-csv.ts';
import { noLog } from '../../src/shared/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { channelInfo, runInfo, wireBatch } from '../support/fake-device.ts';
import { EVERYTHING, readingsOf, tempArchive, tempFolder } from '../support/temp-archive.ts';

const T0 = 1_777_000_000_000;
const ROWS = 8192;
/** Readings in the archive: three full chunks, one a second. */
const ALL = 3 * ROWS;

/** Stores batches of 1024 readings `from`…`to` of run 1. */
async function store(archive: Archive, from: number, to: number): Promise<void> {
  const last = to / 1024;
  const runs = [runInfo(1, { offsetMs: T0, lastBatch: last, channels: [channelInfo(0)] })];
  await archive.noteRuns('d', runs, 1);
  for (let batch = from / 1024 + 1; batch <= last; batch++) {
    const rows = Array.from({ length: 1024 }, (_, i) => ({
      ms: ((batch - 1) * 1024 + i) * 1000,
      channel: 0,
      value: i,
    }));
    const after = await archive.cursor('d');
    const batches = [wireBatch(1, batch, rows, true)];
    await archive.ingest('d', { after, batches, trimmedTo: null, runs, takeStray: false });
  }
  await archive.seal();
}

/** An archive of `all` sealed readings of which chunk `rotten` (from 0) has a flipped bit. */
async function rottenArchive(rotten: number, all = ALL): Promise<{ archive: Archive; path: string }> {
  const path = join(tempFolder(), 'archive.db');
  const archive = await openArchive(path, { clock: new FakeClock(), log: noLog });
  await store(archive, 0, all);
  await archive.close();
  const db = new DatabaseSync(path);
  const rows = db.prepare(
    'SELECT c.n, d.id, d.data FROM chunk c JOIN chunk_data d ON d.id = c.data ORDER BY seq',
  );
  const chunks = rows.all() as { n: number; id: number; data: Uint8Array }[];
  expect(chunks.map(({ n }) => n)).toEqual([ROWS, ROWS, all - 2 * ROWS]);
  const { id, data } = chunks[rotten]!;
  data[data.length >> 1]! ^= 0x10;
  db.prepare('UPDATE chunk_data SET data = ? WHERE id = ?').run(data, id);
  db.close();
  return { archive: await tempArchive(path), path };
}

const wall = (second: number) => T0 + second * 1000;

describe('a chunk of the archive that rotted', () => {
  it('is a gap with its reason in a chart, and the good ones are drawn', async () => {
    const { archive } = await rottenArchive(1);
    const [channel] = await archive.channels('d');
    const window = { from: wall(ROWS - 60), to: wall(2 * ROWS + 59), pixels: 20_000 };
    const { series, gaps } = await archive.series([channel!.id], window);
    expect(gaps).toEqual([
      { channel: channel!.id, from: wall(ROWS), to: wall(2 * ROWS - 1), reason: 'unreadable' },
    ]);
    const drawn = [...series[0]!.t].filter((_, i) => !Number.isNaN(series[0]!.lo[i]));
    expect(drawn).toHaveLength(120);
    expect(drawn[59]).toBe(wall(ROWS - 1));
    expect(drawn[60]).toBe(wall(2 * ROWS));
  });

  it.each([0, 1, 2])('is said where it is cut by the border of the chart (chunk %i)', async (rotten) => {
    const { archive } = await rottenArchive(rotten);
    const [channel] = await archive.channels('d');
    const window = { from: wall(rotten * ROWS + 100), to: wall(rotten * ROWS + 200), pixels: 200 };
    const { series, gaps } = await archive.series([channel!.id], window);
    expect(gaps).toEqual([{ channel: channel!.id, from: window.from, to: window.to, reason: 'unreadable' }]);
    expect(series[0]!.count).toBe(0);
  });

  it.each([0, 1, 2])(
    'is left out of a CSV file and counted, and the good ones are in it (chunk %i)',
    async (rotten) => {
      const { archive, path } = await rottenArchive(rotten);
      const out = join(dirname(path), 'out.csv');
      const choice = EVERYTHING;
      const written = await exportCsv({ archive, choice, out, zone: 'UTC', deviceName: (name) => name });
      expect(written).toMatchObject({ rows: 2 * ROWS, unreadable: ROWS });
      expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(2 * ROWS + 1);
      const times = (await readingsOf(archive)).map(({ t }) => (t - T0) / 1000);
      const good = Array.from({ length: ALL }, (_, i) => i).filter((i) => Math.floor(i / ROWS) !== rotten);
      expect(times).toEqual(good);
    },
  );

  it('does not keep what comes later from being sealed', async () => {
    // a short last chunk is opened again when more comes
    const { archive } = await rottenArchive(2, ALL - 4096);
    await store(archive, ALL - 4096, ALL);
    expect(await archive.count(EVERYTHING)).toBe(ALL);
    expect(await readingsOf(archive)).toHaveLength(2 * ROWS + 4096);
  });
});
