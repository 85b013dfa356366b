/**
 * Measures the archive: ingest and sealing, bytes a reading, a chart over the whole range.
 * `node tests/bench/archive.ts [--readings 10000000] [--channels 20] [--raw]`; prints one line of JSON.
 * --raw: values with all the digits of binary arithmetic instead of a sensor's few decimals.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openArchive } from '../../src/core/archive/archive.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { noLog } from '../../src/shared/log.ts';
import { fillArchive } from './fill-archive.ts';

const { values } = parseArgs({
  options: {
    readings: { type: 'string', default: '10000000' },
    channels: { type: 'string', default: '20' },
    raw: { type: 'boolean', default: false },
  },
});
const readings = Number(values.readings);
const channels = Number(values.channels);
/** Median and worst of some runs, ms. */
async function timed(runs: number, work: () => Promise<unknown>): Promise<{ median: number; worst: number }> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  return { median: round(times[times.length >> 1]!), worst: round(times.at(-1)!) };
}

function round(n: number): number {
  return Math.round(n * 100) / 100;
}

const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
try {
  const path = join(folder, 'archive.db');
  let archive = await openArchive(path, { clock: realClock, log: noLog });
  const spent = await fillArchive(archive, { readings, channels, raw: values.raw });
  await archive.close(); // the last connection writes the WAL back
  const bytes = statSync(path).size;
  archive = await openArchive(path, { clock: realClock, log: noLog });
  const [channel] = await archive.channels('bench');
  const extent = (await archive.extent({ devices: [], channels: [channel!.id], from: null, to: null }))!;
  const span = extent.to - extent.from;
  const query = (share: number) => () =>
    archive.series([channel!.id], { from: extent.to - span * share, to: extent.to, pixels: 1000 });
  const first = await timed(1, query(1));
  const result = {
    bench: 'archive',
    readings,
    channels,
    values: values.raw ? 'raw' : 'two decimals',
    ingestReadingsPerS: Math.round(readings / (spent.wallMs / 1000)),
    ingestReadingsPerCpuS: Math.round(readings / (spent.cpuMs / 1000)),
    bytesPerReading: round(bytes / readings),
    channelReadings: await archive.count({ devices: [], channels: [channel!.id], from: null, to: null }),
    queryFirstMs: first.median,
    queryAllMs: await timed(15, query(1)),
    queryThirdMs: await timed(15, query(0.32)),
    queryTenthMs: await timed(15, query(0.1)),
    queryHundredthMs: await timed(15, query(0.01)),
    rssMb: Math.round(process.memoryUsage().rss / 1e6),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  await archive.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
