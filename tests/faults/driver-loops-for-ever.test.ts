/** A driver that never gives the processor back: named, ended with its host, left out; nobody else's bus notices. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import { faultyConfig, Readings, sensorState, treeRow } from '../support/faulty-process.ts';
import { startFaulty } from '../support/start-faulty.ts';
import { until } from '../support/until.ts';

/** Starts one with a driver that loops; the file in which that notes each time it begins. */
async function start(
  hosts: string,
  driver = 'loops',
): Promise<{ client: Client<DeviceContract>; note: string }> {
  const noteIn = (folder: string): string => join(folder, 'note');
  const { client, prefix } = await startFaulty((folder) =>
    faultyConfig(
      {
        sick: [
          { id: 'looper', driver, options: { afterMs: 500, note: noteIn(folder) } },
          { id: 'neighbour', driver: 'well' },
        ],
        sound: [{ id: 'other', driver: 'well' }],
      },
      hosts,
    ),
  );
  return { client, note: noteIn(prefix.path) };
}

for (const mode of ['process', 'thread'])
  it(
    `is named and left out (${mode}), its bus is back within a second, other buses miss nothing`,
    { timeout: 60_000 },
    async () => {
      const { client, note } = await start(`{ mode: ${mode}, retryMs: 3600000 }`);
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
  const { client } = await start('{ retryMs: 3600000 }', 'loops-after-a-wait');
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
    const { client, note } = await start('{ retryMs: 1500 }');
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
