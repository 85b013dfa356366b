import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { encodeBatch } from '../../src/shared/batch.ts';
import type { WireBatch } from '../../src/shared/device-contract.ts';
import { linked } from '../support/linked.ts';
import {
  batchBytes,
  channelInfo,
  DEVICE_ID,
  FakeDevice,
  runInfo,
  wireBatch,
} from '../support/fake-device.ts';
import { EVERYTHING, readingsOf, tempArchive } from '../support/temp-archive.ts';

const good = (ms: number) => batchBytes([{ ms, channel: 0, value: ms }]);

/** Bytes with the base time replaced. */
function at(baseMs: number): Uint8Array {
  const bytes = good(0).slice();
  new DataView(bytes.buffer).setFloat64(8, baseMs, true);
  return bytes;
}

function claiming(rows: number): Uint8Array {
  const bytes = good(0).slice();
  new DataView(bytes.buffer).setUint32(4, rows, true);
  return bytes;
}

const HOSTILE: [string, Uint8Array][] = [
  ['nothing', new Uint8Array()],
  ['noise', Uint8Array.from({ length: 999 }, (_, i) => (i * 7919) & 255)],
  ['half a batch', good(0).subarray(0, 20)],
  ['a claim of four billion rows', claiming(0xffff_ffff)],
  ['a time that is no number', at(Number.NaN)],
  ['a time without end', at(Infinity)],
  ['a time before the run', at(-1)],
  ['a time in a million years', at(1e300)],
  ['half a packed batch', zstdCompressSync(good(0)).subarray(0, 12)],
  ['a packed gigabyte', zstdCompressSync(Buffer.alloc(1 << 28))],
];

describe('a hostile device', () => {
  it.each(HOSTILE)(
    'sending %s delays nothing: the batch is set aside, the next ones are stored',
    async (_, bytes) => {
      const archive = await tempArchive();
      const runs = [runInfo(1, { lastBatch: 3 })];
      await archive.noteRuns('d', runs, 1);
      const batches: WireBatch[] = [
        { run: 1, batch: 1, data: new Uint8Array(good(1000)) },
        { run: 1, batch: 2, data: new Uint8Array(bytes) },
        { run: 1, batch: 3, data: new Uint8Array(good(3000)) },
      ];
      const delivery = { after: null, batches, trimmedTo: null, runs, takeStray: false };
      expect(await archive.ingest('d', delivery)).toMatchObject({
        accepted: 2,
        setAside: 1,
        cursor: { run: 1, batch: 3 },
      });
      await archive.seal();
      expect((await readingsOf(archive)).map((r) => r.value)).toEqual([1000, 3000]);
    },
  );

  it('sending values that are no numbers and qualities that are none is taken as missing and suspect', async () => {
    const archive = await tempArchive();
    const runs = [runInfo(1, { lastBatch: 1, offsetMs: 0 })];
    await archive.noteRuns('d', runs, 1);
    const data = encodeBatch({
      baseMs: 0,
      value: Float64Array.of(1, Infinity, Number.NaN, 4, 5),
      deltaUs: Uint32Array.of(0, 1000, 2000, 3000, 4000),
      channel: new Uint32Array(5),
      quality: Uint8Array.of(0, 0, 1, 200, 3),
    });
    const batches = [{ run: 1, batch: 1, data: new Uint8Array(data) }];
    await archive.ingest('d', { after: null, batches, trimmedTo: null, runs, takeStray: false });
    const readings = await readingsOf(archive);
    expect(readings.map((r) => r.value)).toEqual([1, Number.NaN, Number.NaN, 4, Number.NaN]);
    expect(readings.map((r) => r.quality)).toEqual([0, 3, 3, 2, 3]);
  });

  it('whose times go back within a run is stored and read in time order', async () => {
    const archive = await tempArchive();
    const runs = [runInfo(1, { lastBatch: 4, offsetMs: 0 })];
    await archive.noteRuns('d', runs, 1);
    let after = null as Awaited<ReturnType<typeof archive.cursor>>;
    for (const [i, ms] of [9000, 3000, 7000, 1000].entries()) {
      const rows = [0, 1, 2].map((k) => ({ ms: ms + k * 10, channel: 0, value: ms + k }));
      const batches = [wireBatch(1, i + 1, rows)];
      ({ cursor: after } = await archive.ingest('d', {
        after,
        batches,
        trimmedTo: null,
        runs,
        takeStray: false,
      }));
      if (i % 2 === 1) await archive.seal();
    }
    const times = (await readingsOf(archive)).map((r) => r.t);
    expect(times).toHaveLength(12);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('sending a run it never declared is not followed, and is tried again later', async () => {
    const device = new FakeDevice();
    device.start();
    device.append([{ ms: 0, channel: 0, value: 1 }]);
    device.batches.push({ run: 9_000_000_000, batch: 1, data: new Uint8Array(good(1)) });
    const { archive, link } = await linked(device);
    await vi.waitFor(() => expect(link.state.state).toBe('waiting'));
    expect(link.state.error?.code).toBe('BAD_REPLY');
    expect(await archive.cursor(DEVICE_ID)).toBeNull();
    expect(await archive.count(EVERYTHING)).toBe(0);
  });

  it('using a channel before it is declared is asked for it', async () => {
    const device = new FakeDevice();
    const run = device.start();
    const { archive, link } = await linked(device);
    await vi.waitFor(() => expect(link.state.state).toBe('live'));
    run.channels.push(channelInfo(7));
    device.append([
      { ms: 0, channel: 0, value: 1 },
      { ms: 0, channel: 7, value: 2 },
    ]);
    await vi.waitFor(async () => expect(await readingsOf(archive)).toHaveLength(2));
  });

  it('using a channel that it never declares loses those rows only, and they are counted', async () => {
    const device = new FakeDevice();
    device.start();
    device.append([
      { ms: 0, channel: 0, value: 1 },
      { ms: 0, channel: 4_294_967_295, value: 2 },
      { ms: 0, channel: 1, value: 3 },
    ]);
    const { archive, link } = await linked(device);
    await vi.waitFor(async () => expect((await archive.cursor(DEVICE_ID))?.batch).toBe(1));
    await archive.seal();
    expect((await readingsOf(archive)).map((r) => r.value)).toEqual([1, 3]);
    expect(link.state.state).toBe('live');
  });
});
