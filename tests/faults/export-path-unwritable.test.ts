import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportCsv } from '../../src/core/export/export-csv.ts';
import { runInfo, wireBatch } from '../support/fake-device.ts';
import { EVERYTHING, tempArchive, tempFolder } from '../support/temp-archive.ts';

async function exportTo(out: string) {
  const archive = await tempArchive();
  const runs = [runInfo(1, { lastBatch: 1 })];
  await archive.noteRuns('d', runs, 1);
  const batches = [wireBatch(1, 1, [{ ms: 0, channel: 0, value: 1 }])];
  await archive.ingest('d', { after: null, batches, trimmedTo: null, runs, takeStray: false });
  return exportCsv({ archive, choice: EVERYTHING, out, zone: 'UTC', deviceName: (id) => id });
}

describe('an export path that cannot be written', () => {
  it('is named with the reason, and nothing is left behind', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'folder.csv'));
    const cases = [
      [join(folder, 'nowhere', 'out.csv'), 'the folder does not exist'],
      [join(folder, 'file', 'out.csv'), 'a part of the path is a file, not a folder'],
      [join(folder, 'folder.csv'), 'it is a folder'],
      [join(folder, `${'x'.repeat(300)}.csv`), 'the name is too long'],
    ] as const;
    for (const [path, reason] of cases)
      await expect(exportTo(path)).rejects.toMatchObject({
        code: 'EXPORT_PATH_UNWRITABLE',
        details: { path, reason },
      });
    expect(readdirSync(folder).toSorted()).toEqual(['file', 'folder.csv']);
    expect(readdirSync(join(folder, 'folder.csv'))).toEqual([]);
  });
});
