import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { socketPipe } from '../../device/control/socket-pipe.ts';
import { startLink } from '../../src/core/link/link.ts';
import { realClock } from '../../src/core/real-clock.ts';
import { noLog } from '../../src/shared/log.ts';
import { TestPrefix } from '../support/daemon-process.ts';
import { fillJournal } from '../support/fill-journal.ts';
import { benchConfig } from '../support/sensor-config.ts';
import { tempArchive } from '../support/temp-archive.ts';

const READINGS = 100_000;

/** Catches up into an archive of its own; answers every reading of the old run in order. */
async function laptop(prefix: TestPrefix, device: string) {
  const archive = await tempArchive();
  const live = Promise.withResolvers<void>();
  const link = startLink({
    device,
    archive,
    clock: realClock,
    log: noLog,
    open: async () => socketPipe(connect(prefix.socket)),
    onState: ({ state }) => state === 'live' && live.resolve(),
    onHello() {},
    onNews() {},
    onReadings() {},
    onAhead() {},
  });
  await live.promise;
  await link.stop();
  const channels = (await archive.channels(device))
    .filter(({ driver }) => driver === 'sim')
    .map(({ id }) => id);
  const choice = { devices: [device], channels, from: null, to: null };
  const rows: [sensor: string, t: number, value: number][] = [];
  for await (const { channel, t, value } of archive.pieces(choice))
    for (let i = 0; i < t.length; i++) rows.push([channel.sensor, t[i] as number, value[i] as number]);
  return { audit: await archive.audit(choice), rows };
}

describe('two laptops that catch up at once', () => {
  it('both get every reading once, and the same', async () => {
    const prefix = new TestPrefix();
    onTestFinished(() => prefix.remove());
    mkdirSync(prefix.state, { recursive: true });
    await fillJournal(join(prefix.state, 'journal.db'), {
      readings: READINGS,
      channels: 20,
      rows: 150,
      periodMs: 100,
    });
    prefix.config(benchConfig({ sensors: 20, periodMs: 100, buses: 1 }));
    await prefix.run();
    const client = await prefix.connect();
    const { device } = await client.call.hello({ protocol: 1, client: 'test', clientVersion: '0' });
    client.close();

    const [one, other] = await Promise.all([laptop(prefix, device.id), laptop(prefix, device.id)]);
    for (const { audit } of [one, other])
      expect(audit).toMatchObject({
        channels: 20,
        readings: READINGS,
        duplicates: 0,
        missingBatches: { trimmed: 0, unknown: 0 },
      });
    expect(one.rows).toHaveLength(READINGS);
    expect(one.rows).toEqual(other.rows);
  }, 60_000);
});
