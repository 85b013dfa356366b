/** A driver that never gives the processor back: named, ended with its host, left out; nobody else's bus notices. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import { TestPrefix } from '../support/daemon-process.ts';
import { faultyBundle, faultyConfig, Readings, sensorState, treeRow } from '../support/faulty-process.ts';
import { until } from '../support/until.ts';

let prefix: TestPrefix;
let client: Client<DeviceContract>;
beforeEach(() => {
  prefix = new TestPrefix({}, faultyBundle);
});
afterEach(async () => {
  client?.close();
  await prefix.remove();
});

async function start(hosts: string, driver = 'loops'): Promise<string> {
  const note = join(prefix.path, 'note');
  prefix.config(
    faultyConfig(
      {
        sick: [
          { id: 'looper', driver, options: { afterMs: 500, note } },
          { id: 'neighbour', driver: 'well' },
        ],
        sound: [{ id: 'other', driver: 'well' }],
      },
      hosts,
    ),
  );
  await prefix.run();
  client = await prefix.connect();
  return note;
}

for (const mode of ['process', 'thread'])
  it(
    `is named and left out (${mode}), its bus is back within a second, other buses miss nothing`,
    { timeout: 60_000 },
    async () => {
      const note = await start(`{ mode: ${mode}, retryMs: 3600000 }`);
      const readings = new Readings(client);
      await until(
        async () => (await treeRow(client, 'muster/sensors/sick/looper'))?.state === 'gave-up',
        'the quarantine',
        30_000,
      );
      const looper = await treeRow(client, 'muster/sensors/sick/looper');
      expect(looper?.lastCause).toMatch(/^looper: its driver did not give the processor back for \d+ ms/);
      expect(looper?.nextAttemptMs).toBeGreaterThan(3_000_000);
      expect(await sensorState(client, 'looper')).toMatchObject({ state: 'failing' });
      expect((await treeRow(client, 'muster/sensors/sick'))?.restarts).toBe(3);
      expect((await treeRow(client, 'muster/sensors/sound'))?.restarts).toBe(0);

      await until(
        async () => (await treeRow(client, 'muster/sensors/sick/neighbour'))?.state === 'running',
        'the neighbour',
      );
      await readings.take();
      const before = readings.of('neighbour').length;
      await until(async () => {
        await readings.take();
        return readings.of('neighbour').length > before + 10;
      }, 'readings of the neighbour');
      // the fault began when the driver said so; from there to the neighbour's next reading
      const began = readFileSync(note, 'utf8').trim().split('\n').map(Number);
      expect(began).toHaveLength(3);
      const back = began.map((at) => (readings.of('neighbour').find((time) => time > at) ?? Infinity) - at);
      expect(Math.max(...back)).toBeLessThan(1000 * load());
      expect(readings.longestGap('other')).toBeLessThan(300 * load());
    },
  );

it('is named also when it loops after a wait', { timeout: 60_000 }, async () => {
  await start('{ retryMs: 3600000 }', 'loops-after-a-wait');
  await until(
    async () => (await treeRow(client, 'muster/sensors/sick/looper'))?.state === 'gave-up',
    'the quarantine',
    30_000,
  );
  expect((await treeRow(client, 'muster/sensors/sick/looper'))?.lastCause).toMatch(/^looper: /);
});

it(
  'is tried again after a while, and left out at once if it did not learn',
  { timeout: 60_000 },
  async () => {
    const note = await start('{ retryMs: 1500 }');
    const begun = () => readFileSync(note, 'utf8').trim().split('\n').length;
    await until(() => existsSync(note) && begun() === 4, 'the retry', 30_000);
    await until(
      async () => (await treeRow(client, 'muster/sensors/sick/looper'))?.state === 'gave-up',
      'the quarantine',
      10_000,
    );
    expect(begun()).toBe(4);
  },
);

/** How much slower than an idle machine this one may be: runs on shared machines get more time, never less. */
function load(): number {
  const running = Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
  return Math.max(1, running / 2);
}
