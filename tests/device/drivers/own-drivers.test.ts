/** A team's own drivers in real hosts of the real daemon: the files lie beside its program, as in a slot. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceContract } from '../../../src/shared/device-contract.ts';
import type { Client } from '../../../src/shared/peer.ts';
import { daemonBundle, TestPrefix } from '../../support/daemon-process.ts';
import { Readings, sensorState, treeRow } from '../../support/faulty-process.ts';
import { until } from '../../support/until.ts';

const slot = mkdtempSync(join(tmpdir(), 'muster-slot-'));
const prefix = new TestPrefix({}, () => Promise.resolve(join(slot, 'muster-daemon.mjs')));
let client: Client<DeviceContract>;

/** A module whose driver gives 21.5; `more` replaces some of it. */
const driver = (id: string, more = '') => `
class MusterError extends Error {
  name = 'MusterError';
  constructor(code, message, details = {}) { super(message); this.code = code; this.details = details; }
}
export default {
  id: '${id}', title: 'Own', bus: 'machine', addresses: [], periodMs: 100,
  channels: () => [{ channel: 'level', quantity: 'temperature', decimals: 1, plausible: [-40, 100] }],
  open: async () => ({ read(values) { values[0] = 21.5; } }),
  ${more}
};`;

const MODULES: Record<string, string> = {
  own: driver('own'),
  renamed: driver('other'),
  throws: 'throw new Error("no licence for this board");',
  garbage: 'export default {',
  nothing: 'export const driver = 1;',
  'bad-channel': driver(
    'bad-channel',
    "channels: () => [{ channel: 'x', quantity: 'smell', decimals: 1, plausible: [0, 1] }],",
  ),
  refuses: driver('refuses', "open: async () => { throw new MusterError('BUS_NACK', 'nothing at 0x36'); },"),
  loops: 'for (;;);',
};

beforeAll(async () => {
  copyFileSync(await daemonBundle(), join(slot, 'muster-daemon.mjs'));
  mkdirSync(join(slot, 'drivers'));
  for (const [id, text] of Object.entries(MODULES)) writeFileSync(join(slot, 'drivers', `${id}.mjs`), text);
  const ids = ['own', 'uptime', ...Object.keys(MODULES).slice(1), 'absent'];
  prefix.config(
    [
      'version: 1',
      'journal: { flushMs: 50, idleFlushMs: 50 }',
      'sensors:',
      ...ids.map((id) => `  - { id: ${id}, driver: ${id}, periodMs: 100 }`),
      '',
    ].join('\n'),
  );
  await prefix.run();
  client = await prefix.connect();
}, 60_000);

afterAll(async () => {
  await prefix.remove();
  rmSync(slot, { recursive: true, force: true });
});

describe('a firmware with drivers of its own', () => {
  it('reads them beside ours', async () => {
    const readings = new Readings(client);
    await until(
      async () => {
        await readings.take();
        return readings.of('own').length > 3 && readings.of('uptime').length > 3;
      },
      'readings of both',
      60_000,
    );
    expect(await sensorState(client, 'own')).toMatchObject({ state: 'ok', driver: 'own' });
  }, 70_000);

  it.each([
    ['renamed', 'it calls itself other'],
    ['throws', 'no licence for this board'],
    ['garbage', 'the driver garbage: '],
    ['nothing', 'its default export'],
    ['bad-channel', 'channels.0.quantity'],
    ['refuses', 'nothing at 0x36'],
    ['absent', 'there is no driver absent'],
  ])(
    'fails the sensors of one that is %s, in words',
    async (sensor, words) => {
      await until(
        async () => (await sensorState(client, sensor))?.state === 'failing',
        `${sensor} failing`,
        60_000,
      );
      expect((await sensorState(client, sensor))?.lastError).toContain(words);
      // it fails, it does not crash: nothing was started again for it
      expect((await treeRow(client, `muster/sensors/machine/${sensor}`))?.restarts ?? 0).toBe(0);
    },
    70_000,
  );

  it('leaves out the sensor of one that never ends loading, and the others read on', async () => {
    await until(
      async () => (await sensorState(client, 'loops'))?.lastError?.includes('loops') ?? false,
      'the words for it',
      60_000,
    );
    const readings = new Readings(client);
    await readings.take();
    const before = readings.of('own').length;
    expect(await treeRow(client, 'muster/sensors/machine/loops')).toMatchObject({ state: 'gave-up' });
    await until(
      async () => {
        await readings.take();
        return readings.of('own').length > before + 10;
      },
      'the others reading',
      60_000,
    );
  }, 130_000);
});
