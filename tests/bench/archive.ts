/**
 * Measures the archive: ingest and sealing, bytes a reading, a chart over the whole range.
 * `node tests/bench/archive.ts [--readings 10000000] [--channels 20] [--raw]`; prints one line of JSON.
 * --raw: values with all the digits of binary arithmetic instead of a sensor's few decimals.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { zstdCompressSync } from 'node:zlib';
import { openArchive, type Archive } from '../../src/core/archive/archive.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { encodeBatch } from '../../src/shared/batch.ts';
import type { WireBatch } from '../../src/shared/device-contract.ts';
import { noLog } from '../../src/shared/log.ts';
import { channelInfo, runInfo } from '../support/fake-device.ts';

const { values } = parseArgs({
  options: {
    readings: { type: 'string', default: '10000000' },
    channels: { type: 'string', default: '20' },
    raw: { type: 'boolean', default: false },
  },
});
const readings = Number(values.readings);
const channels = Number(values.channels);
/** A device that nobody watches flushes every 5 s; a fast one fills a batch earlier. */
const ROWS = 4000;
const PULL = 16;

let seed = 42;
function random(): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}

/** Batch `number` (from 0): every channel in turn at 1 Hz, times that tremble by 2 ms. */
function batch(number: number): WireBatch {
  const columns = {
    baseMs: Math.floor((number * ROWS) / channels) * 1000,
    value: new Float64Array(ROWS),
    deltaUs: new Uint32Array(ROWS),
    channel: new Uint32Array(ROWS),
    quality: new Uint8Array(ROWS),
  };
  for (let i = 0; i < ROWS; i++) {
    const tick = Math.floor(i / channels);
    const value = 20 + 5 * Math.sin((number * ROWS + i) / 100_000) + random() / 5;
    columns.value[i] = values.raw ? value : Math.round(value * 100) / 100;
    columns.deltaUs[i] = tick * 1_000_000 + Math.floor(random() * 2000);
    columns.channel[i] = i % channels;
  }
  const bytes = encodeBatch(columns);
  return { run: 1, batch: number + 1, data: new Uint8Array(zstdCompressSync(bytes)) };
}

async function ingest(archive: Archive): Promise<{ wallMs: number; cpuMs: number }> {
  const runs = [
    runInfo(1, {
      lastBatch: Math.ceil(readings / ROWS),
      channels: Array.from({ length: channels }, (_, i) => channelInfo(i)),
    }),
  ];
  await archive.noteRuns('bench', runs, 1);
  let after = null as Awaited<ReturnType<Archive['cursor']>>;
  const spent = { wallMs: 0, cpuMs: 0 };
  for (let next = 0; next * ROWS < readings;) {
    const batches: WireBatch[] = [];
    while (batches.length < PULL && next * ROWS < readings) batches.push(batch(next++));
    const from = performance.now();
    const cpu = process.cpuUsage();
    after = (await archive.ingest('bench', { after, batches, trimmedTo: null, runs, takeStray: false }))
      .cursor;
    // As between two answers of a device: sealing gets its turns.
    for (let turn = 0; turn < 4; turn++) await breathe();
    if (next * ROWS >= readings) await archive.seal();
    spent.wallMs += performance.now() - from;
    const { user, system } = process.cpuUsage(cpu);
    spent.cpuMs += (user + system) / 1000;
  }
  return spent;
}

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
  const spent = await ingest(archive);
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
    queryTenthMs: await timed(15, query(0.1)),
    queryHundredthMs: await timed(15, query(0.01)),
    rssMb: Math.round(process.memoryUsage().rss / 1e6),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  await archive.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
