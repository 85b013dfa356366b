/** A rule tried on what the archive has: how often, how long, and what it could not have judged. */
import { beforeEach, describe, expect, it } from 'vitest';
import { outputHandlers } from '../../../src/core/handlers/outputs.ts';
import type { Parts } from '../../../src/core/handlers/parts.ts';
import { createIngest } from '../../../src/core/ingest/ingest.ts';
import { channelInfo, runInfo, wireBatch } from '../../support/fake-device.ts';
import { tempArchive } from '../../support/temp-archive.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

describe('a simulation', () => {
  const { sensor, channel } = channelInfo(0);
  const rule = { id: 'water', when: { sensor, channel, below: 30, until: 45 }, set: { output: 'valve' } };
  let simulate: ReturnType<typeof outputHandlers>['rules.simulate'];
  let offsetMs: number;

  beforeEach(async () => {
    // soil that dries four times a day, a reading a minute, one of them away for an hour
    const run = runInfo(1, { lastBatch: 24 });
    run.channels = [{ ...channelInfo(0), periodMs: MINUTE }];
    ({ offsetMs } = run);
    const minutes = Array.from({ length: 1440 }, (_, n) => n).filter((n) => n < 700 || n >= 760);
    const rows = minutes.map((n) => ({
      ms: n * MINUTE,
      channel: 0,
      value: 40 + 20 * Math.cos((n / 360) * 2 * Math.PI),
    }));
    const archive = await tempArchive();
    const ingest = createIngest({
      device: 'd',
      run: 1,
      archive,
      call: { runs: async () => ({ runs: [run] }), channels: async () => ({ channels: run.channels }) },
      onNews() {},
    });
    await ingest.noteRuns();
    // a batch spans 71 minutes at most
    const batches = Array.from({ length: 24 }, (_, hour) =>
      wireBatch(
        1,
        hour + 1,
        rows.filter(({ ms }) => Math.floor(ms / 60 / MINUTE) === hour),
      ),
    );
    await ingest.take(null, { batches, trimmedTo: null, head: { run: 1, batch: 24 } });
    const parts = { archive, fleet: { get: () => undefined }, links: {} } as unknown as Parts;
    simulate = outputHandlers(parts)['rules.simulate'];
  });

  const ask = (more: object = {}) =>
    simulate({ device: 'd', rule, timeZone: 'UTC', from: offsetMs, to: offsetMs + DAY, ...more });

  it('would have opened the valve four times', async () => {
    const outcome = await ask();
    expect(outcome).toMatchObject({ times: 4, readings: 1380, unheardMs: 58 * MINUTE });
    expect(outcome.switches).toHaveLength(8);
    const sum = outcome.switches.reduce((ms, { at, on }) => (on ? ms - at : ms + at), 0);
    expect(outcome.onMs).toBe(sum);
  });

  it('tells that it has no readings of a channel, or of a time', async () => {
    const unknown = { ...rule, when: { ...rule.when, channel: 'nothing' } };
    expect(await ask({ rule: unknown })).toMatchObject({ times: 0, readings: 0, unheardMs: DAY - 10_000 });
    expect(await ask({ from: offsetMs - DAY, to: offsetMs - 1 })).toMatchObject({ times: 0, readings: 0 });
  });

  it('refuses an unknown zone and a span that ends before it begins', async () => {
    await expect(ask({ timeZone: 'Mars/Olympus' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(ask({ to: offsetMs })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
