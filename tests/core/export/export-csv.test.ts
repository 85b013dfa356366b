import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Archive } from '../../../src/core/archive/archive.ts';
import { exportCsv, type CsvExport } from '../../../src/core/export/export-csv.ts';
import { previewCsv } from '../../../src/core/export/preview.ts';
import { runInfo, wireBatch, type Row } from '../../support/fake-device.ts';
import { parseCsv } from '../../support/parse-csv.ts';
import { EVERYTHING, tempArchive, tempFolder } from '../../support/temp-archive.ts';

const T0 = Date.UTC(2026, 4, 3, 12);

async function filled(n: number): Promise<Archive> {
  const archive = await tempArchive();
  const runs = [runInfo(1, { offsetMs: T0, lastBatch: Math.ceil(n / 1000) })];
  await archive.noteRuns('d', runs, 1);
  for (let from = 0; from < n; from += 1000) {
    const size = Math.min(1000, n - from);
    const rows = Array.from({ length: size }, (_, i): Row => ({
      ms: (from + i) * 1000,
      channel: i % 2,
      value: from + i,
    }));
    const batches = [wireBatch(1, from / 1000 + 1, rows)];
    const after = await archive.cursor('d');
    await archive.ingest('d', { after, batches, trimmedTo: null, runs, takeStray: false });
  }
  return archive;
}

function options(
  archive: Archive,
  folder: string,
  more: Partial<CsvExport> = {},
): CsvExport & { archive: Archive } {
  return {
    choice: EVERYTHING,
    out: join(folder, 'out.csv'),
    zone: 'Europe/Berlin',
    deviceName: (id) => `Pump ${id}`,
    ...more,
    archive,
  };
}

describe('an export', () => {
  it('writes every reading once, hot and sealed, and leaves nothing else behind', async () => {
    const archive = await filled(25_000);
    await archive.seal();
    const folder = tempFolder();
    const progress: number[] = [];
    const result = await exportCsv(options(archive, folder, { onProgress: (rows) => progress.push(rows) }));
    const text = readFileSync(result.path, 'utf8');
    const [header, ...rows] = parseCsv(text);
    expect(header![0]).toBe('time_utc');
    expect(result).toMatchObject({ rows: 25_000, bytes: text.length });
    expect(new Set(rows.map((r) => r[8])).size).toBe(25_000);
    expect(rows[0]!.slice(0, 5)).toEqual([
      '2026-05-03T12:00:00.000Z',
      '2026-05-03T14:00:00.000+02:00',
      String(T0),
      'd',
      'Pump d',
    ]);
    expect(progress.at(-1)).toBe(25_000);
    expect(readdirSync(folder)).toEqual(['out.csv']);
  });

  it('removes what it wrote and keeps the old file when it is cancelled', async () => {
    const archive = await filled(30_000);
    const folder = tempFolder();
    writeFileSync(join(folder, 'out.csv'), 'old');
    const abort = new AbortController();
    const onProgress = () => abort.abort();
    const doing = exportCsv(options(archive, folder, { signal: abort.signal, onProgress }));
    await expect(doing).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(folder)).toEqual(['out.csv']);
    expect(readFileSync(join(folder, 'out.csv'), 'utf8')).toBe('old');
  });

  it('says when there is nothing to write', async () => {
    const archive = await filled(10);
    const folder = tempFolder();
    const choice = { ...EVERYTHING, devices: ['nobody'] };
    await expect(exportCsv(options(archive, folder, { choice }))).rejects.toMatchObject({
      code: 'EXPORT_EMPTY',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is foretold by its preview', async () => {
    const archive = await filled(5000);
    const folder = tempFolder();
    const choice = { ...EVERYTHING, devices: ['d'], from: T0 + 1_000_000, to: T0 + 3_999_000 };
    const preview = await previewCsv(options(archive, folder, { choice }));
    const result = await exportCsv(options(archive, folder, { choice }));
    expect(preview).toMatchObject({ rows: 3000, from: T0 + 1_000_000, to: T0 + 3_999_000 });
    expect(Math.abs(preview.bytes - result.bytes)).toBeLessThan(result.bytes * 0.02);
    const lines = readFileSync(result.path, 'utf8').split('\n');
    expect(preview.lines).toEqual(lines.slice(0, 4));
    expect(preview.suggestedName).toBe('muster-pump-d-2026-05-03.csv');
    const empty = await previewCsv(options(archive, folder, { choice: { ...EVERYTHING, devices: ['x'] } }));
    expect(empty).toMatchObject({
      rows: 0,
      from: null,
      to: null,
      lines: [expect.stringContaining('time_utc')],
    });
  });
});
