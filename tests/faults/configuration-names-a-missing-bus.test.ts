import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { TestPrefix, unpack } from '../support/daemon-process.ts';

const CONFIG = JSON.stringify({
  version: 1,
  journal: { flushMs: 50, idleFlushMs: 50 },
  buses: [{ id: 'there', kind: 'sim', chips: [{ chip: 'tmp102', address: 0x48 }] }],
  sensors: [
    { id: 'lost', driver: 'tmp102', bus: 'gone', address: 0x48, periodMs: 50 },
    { id: 'well', driver: 'tmp102', bus: 'there', address: 0x48, periodMs: 50 },
  ],
});

describe('a configuration that names a missing bus', () => {
  it('fails that sensor with the name of the bus, and the others are read', async () => {
    const prefix = new TestPrefix();
    onTestFinished(() => prefix.remove());
    prefix.config(CONFIG);
    await prefix.run();
    const daemon = await prefix.connect();
    onTestFinished(() => daemon.close());
    await vi.waitFor(
      async () => {
        const { sensors } = await daemon.call.status({});
        expect(sensors.find(({ sensor }) => sensor === 'lost')).toMatchObject({
          state: 'failing',
          lastError: expect.stringContaining('gone'),
        });
        expect(sensors.find(({ sensor }) => sensor === 'well')).toMatchObject({
          state: 'ok',
          lastError: null,
        });
      },
      { timeout: 10_000 },
    );

    const { run } = (await daemon.call.runs({ from: 1 })).runs.at(-1) as { run: number };
    const read: number[] = [];
    const made: number[] = [];
    let after = { run, batch: 0 };
    while (read.length < 40) {
      const { batches } = await daemon.call.pull({ after, maxBytes: 100_000, waitMs: 5000 });
      const { channels } = await daemon.call.channels({ run, from: 0 });
      const well = channels.find(({ sensor }) => sensor === 'well')?.index;
      for (const { batch, data } of batches) {
        const { channel, value } = unpack(data);
        channel.forEach((index, i) => (index === well ? read : made).push(value[i] as number));
        after = { run, batch };
      }
    }
    expect(read.filter((value) => !(value > -40 && value < 125))).toEqual([]);
    expect(made.filter((value) => !Number.isNaN(value))).toEqual([]);
  });
});
