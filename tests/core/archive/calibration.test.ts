/** A reading is attributable to the calibration in force: in the archive, in an export, over sealing and an older file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { Archive } from '../../../src/core/archive/archive.ts';
import { first } from '../../../src/core/archive/migrations/0001-first.ts';
import { exportCsv } from '../../../src/core/export/export-csv.ts';
import type { CalibrationInfo } from '../../../src/shared/reading.ts';
import { channelInfo, runInfo, wireBatch } from '../../support/fake-device.ts';
import { parseCsv } from '../../support/parse-csv.ts';
import { EVERYTHING, tempArchive, tempFolder } from '../../support/temp-archive.ts';

const ada: CalibrationInfo = { scale: 1, offset: 0.4, by: 'Ada', at: '2026-05-03' };
const grace: CalibrationInfo = { scale: 1.02, offset: -0.1, by: 'Grace', at: '2026-06-01' };
/** What the chip said, at every reading of every run. */
const SAID = 21.5;

/** Runs of one channel, each with one reading and a calibration of its own. */
async function lived(
  archive: Archive,
  calibrations: (CalibrationInfo | undefined)[],
  times = 1,
): Promise<void> {
  const runs = calibrations.map((calibration, i) =>
    runInfo(i + 1, {
      offsetMs: Date.UTC(2026, 4, 3) + i * 3_600_000,
      lastBatch: 1,
      current: i === calibrations.length - 1,
      channels: [channelInfo(0, { ...(calibration && { calibration }) })],
    }),
  );
  for (let time = 0; time < times; time++) await archive.noteRuns('d', runs, runs.length);
  const batches = calibrations.map((calibration, i) => {
    const { scale, offset } = calibration ?? { scale: 1, offset: 0 };
    return wireBatch(i + 1, 1, [{ ms: 1000, channel: 0, value: SAID * scale + offset }]);
  });
  await archive.ingest('d', { after: null, batches, trimmedTo: null, runs, takeStray: false });
}

/** `value,scale,offset,by,at` of every line of an export. */
async function exported(archive: Archive): Promise<string[][]> {
  const out = join(tempFolder(), 'out.csv');
  await exportCsv({ archive, choice: EVERYTHING, out, zone: 'UTC', deviceName: (id) => id });
  const [, ...rows] = parseCsv(readFileSync(out, 'utf8'));
  return rows.map((cells) => [8, 11, 12, 13, 14].map((column) => cells[column]!));
}

describe('readings of a channel that was calibrated anew', () => {
  it.each([
    ['fresh', async () => {}],
    ['sealed', (archive: Archive) => archive.seal()],
  ])(
    'have each their own calibration, and what the chip said can be reckoned back (%s)',
    async (_, ripen) => {
      const archive = await tempArchive();
      await lived(archive, [undefined, ada, grace]);
      await ripen(archive);
      const rows = await exported(archive);
      expect(rows).toEqual([
        ['21.5', '', '', '', ''],
        ['21.9', '1', '0.4', 'Ada', '2026-05-03'],
        ['21.83', '1.02', '-0.1', 'Grace', '2026-06-01'],
      ]);
      for (const [value, scale, offset] of rows)
        expect((Number(value) - Number(offset)) / (Number(scale) || 1)).toBeCloseTo(SAID, 9);
    },
  );

  it('keep theirs when the device tells of its earlier runs again', async () => {
    const archive = await tempArchive();
    await lived(archive, [undefined, ada, grace], 3);
    expect((await exported(archive)).map(([, , , by]) => by)).toEqual(['', 'Ada', 'Grace']);
  });

  it('are of a channel that tells the calibration in force now, as news when it changed', async () => {
    const archive = await tempArchive();
    const told = async (calibrations: (CalibrationInfo | undefined)[]) => {
      const runs = calibrations.map((calibration, i) =>
        runInfo(i + 1, { channels: [channelInfo(0, { ...(calibration && { calibration }) })] }),
      );
      const { channels } = await archive.noteRuns('d', runs, runs.length);
      const [now] = await archive.channels('d');
      return { news: channels.map(({ calibration }) => calibration), now: now?.calibration };
    };
    expect(await told([ada])).toEqual({ news: [ada], now: ada });
    expect(await told([ada, ada])).toEqual({ news: [], now: ada });
    expect(await told([ada, ada, grace])).toEqual({ news: [grace], now: grace });
    expect(await told([ada, ada, grace, undefined])).toEqual({ news: [undefined], now: undefined });
  });
});

describe('an archive of before there was calibration', () => {
  it('is brought forward, and learns of the calibration of what it has', async () => {
    const path = join(tempFolder(), 'archive.db');
    const old = new DatabaseSync(path);
    old.exec(`${first}
      INSERT INTO device (id, name) VALUES (1, 'd');
      INSERT INTO run (id, device, epoch, run, boot_id, offset_ms, clock) VALUES (1, 1, 1, 1, 'boot-1', 0, 'ntp');
      INSERT INTO channel VALUES (1, 1, 's0', 'temperature', 'Sensor 0', 'sim', 'temperature', 'Cel', 2, 1000);
      INSERT INTO run_channel (run, idx, channel, period_ms) VALUES (1, 0, 1, 1000);
      PRAGMA application_id = 0x4d535452;
      PRAGMA user_version = 1;`);
    old.close();
    const archive = await tempArchive(path);
    expect(await archive.channels('d')).toMatchObject([{ id: 1, sensor: 's0' }]);
    await lived(archive, [ada]);
    expect(await archive.channels('d')).toMatchObject([{ id: 1, calibration: ada, last: { value: 21.9 } }]);
    expect(await exported(archive)).toEqual([['21.9', '1', '0.4', 'Ada', '2026-05-03']]);
  });
});
