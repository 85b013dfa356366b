/**
 * Measures writing CSV from the archive to a file on this machine's disk.
 * `node tests/bench/export.ts [--readings 2000000] [--channels 20] [--raw]`; prints one line of JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openArchive } from '../../src/core/archive/archive.ts';
import { exportCsv } from '../../src/core/export/export-csv.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { noLog } from '../../src/shared/log.ts';
import { fillArchive } from './fill-archive.ts';

const { values } = parseArgs({
  options: {
    readings: { type: 'string', default: '2000000' },
    channels: { type: 'string', default: '20' },
    raw: { type: 'boolean', default: false },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
try {
  const archive = await openArchive(join(folder, 'archive.db'), { clock: realClock, log: noLog });
  const filling = { readings: Number(values.readings), channels: Number(values.channels), raw: values.raw };
  await fillArchive(archive, filling);
  const from = performance.now();
  const cpu = process.cpuUsage();
  const { rows, bytes } = await exportCsv({
    archive,
    choice: { devices: [], channels: [], from: null, to: null },
    out: join(folder, 'out.csv'),
    zone: 'Europe/Berlin',
    deviceName: () => 'Greenhouse 2',
  });
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const result = {
    bench: 'export',
    rows,
    bytes,
    values: values.raw ? 'raw' : 'two decimals',
    rowsPerS: Math.round(rows / seconds),
    rowsPerCpuS: Math.round(rows / ((user + system) / 1e6)),
    megabytesPerS: Math.round(bytes / seconds / 1e6),
    rssMb: Math.round(process.memoryUsage().rss / 1e6),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  await archive.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
