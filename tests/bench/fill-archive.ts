/** Fills an archive as a device would: packed batches, every channel in turn at 1 Hz, times that tremble by 2 ms. */
import { setImmediate as breathe } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import type { Archive } from '../../src/core/archive/archive.ts';
import { encodeBatch } from '../../src/shared/batch.ts';
import type { WireBatch } from '../../src/shared/device-contract.ts';
import { channelInfo, runInfo } from '../support/fake-device.ts';

export interface Filling {
  readings: number;
  channels: number;
  /** Values with all the digits of binary arithmetic instead of a sensor's two decimals. */
  raw: boolean;
}

const ROWS = 4000;
/** Batches in an answer of the device. */
const PULL = 16;

let seed = 42;
function random(): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}

/** Batch `number`, from 0. */
function batch(number: number, { channels, raw }: Filling): WireBatch {
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
    columns.value[i] = raw ? value : Math.round(value * 100) / 100;
    columns.deltaUs[i] = tick * 1_000_000 + Math.floor(random() * 2000);
    columns.channel[i] = i % channels;
  }
  const bytes = encodeBatch(columns);
  return { run: 1, batch: number + 1, data: new Uint8Array(zstdCompressSync(bytes)) };
}

/** Ingests and seals; answers the time spent on that alone, without making the batches. */
export async function fillArchive(
  archive: Archive,
  filling: Filling,
): Promise<{ wallMs: number; cpuMs: number }> {
  const { readings, channels } = filling;
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
    while (batches.length < PULL && next * ROWS < readings) batches.push(batch(next++, filling));
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
