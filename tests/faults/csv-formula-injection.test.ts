import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { textCell } from '../../src/core/export/csv.ts';
import { exportCsv } from '../../src/core/export/export-csv.ts';
import { channelInfo, runInfo, wireBatch } from '../support/fake-device.ts';
import { parseCsv } from '../support/parse-csv.ts';
import { EVERYTHING, tempArchive, tempFolder } from '../support/temp-archive.ts';

describe('a name that a spreadsheet would take for a formula', () => {
  it('is defused by an apostrophe', () => {
    expect(textCell('=1+1')).toBe("'=1+1");
    expect(textCell('+49 30')).toBe("'+49 30");
    expect(textCell('-2')).toBe("'-2");
    expect(textCell('@SUM(A1)')).toBe("'@SUM(A1)");
    expect(textCell('\t=1')).toBe("'\t=1");
    expect(textCell('\r=1')).toBe(`"'\r=1"`);
    expect(textCell('=HYPERLINK("http://x","y")')).toBe(`"'=HYPERLINK(""http://x"",""y"")"`);
  });

  it('never reaches a cell of an exported file as a formula, while negative numbers stay numbers', async () => {
    const archive = await tempArchive();
    const evil = channelInfo(0, { sensor: '=cmd|calc', channel: '@x', unit: '+1' });
    const runs = [runInfo(1, { lastBatch: 1, channels: [evil] })];
    await archive.noteRuns('-device', runs, 1);
    const batches = [wireBatch(1, 1, [{ ms: 0, channel: 0, value: -12.5 }])];
    await archive.ingest('-device', { after: null, batches, trimmedTo: null, runs, takeStray: false });
    const out = join(tempFolder(), 'out.csv');
    await exportCsv({ archive, choice: EVERYTHING, out, zone: 'UTC', deviceName: () => '=NAME()' });
    const [, row] = parseCsv(readFileSync(out, 'utf8'));
    expect(row!.slice(3, 9)).toEqual(["'-device", "'=NAME()", "'=cmd|calc", "'@x", "'+1", '-12.5']);
  });
});
