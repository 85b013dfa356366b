/** A rule names a sensor, or a channel, that is not there any more: it says so, and its output is let go. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import { ActingDevice, actingConfig, ALWAYS } from '../support/acting-device.ts';
import { until } from '../support/until.ts';

let device: ActingDevice;
let client: Client<DeviceContract>;
beforeEach(() => {
  device = new ActingDevice();
});
afterEach(async () => {
  client.close();
  await device.remove();
});

async function start(config: string) {
  device.config(config);
  const daemon = await device.run();
  client = await device.connect();
  return daemon;
}

async function rule() {
  const { rules } = await client.call.rules({});
  return rules[0];
}

it(
  'fails in words at once when its sensor was taken off the configuration',
  { timeout: 60_000 },
  async () => {
    const daemon = await start(actingConfig({ rules: [ALWAYS] }));
    await until(() => device.line(17) === '1', 'the rule');
    client.close();
    daemon.process.kill('SIGTERM');
    await daemon.ended;
    await start(actingConfig({ rules: [ALWAYS], sensors: [] }));
    await until(async () => (await rule())?.state === 'failing', 'its failing');
    expect((await rule())?.why).toMatch(/There is no sensor “air”.*let go/);
    expect(device.line(17)).toBe('0');
  },
);

it('falls safe while it runs when its sensor is taken out', { timeout: 60_000 }, async () => {
  await start(actingConfig({ rules: [ALWAYS] }));
  await until(() => device.line(17) === '1', 'the rule');
  await client.call.takeOut({ sensor: 'air' });
  await until(async () => (await rule())?.state === 'failing', 'its failing', 30_000);
  await until(() => device.line(17) === '0', 'the valve');
  expect((await rule())?.why).toMatch(/No reading of Air temperature/);
});

it('names a channel that its sensor does not have', { timeout: 60_000 }, async () => {
  const when = { ...ALWAYS.when, channel: 'humidity' };
  await start(actingConfig({ rules: [{ ...ALWAYS, when }] }));
  await until(async () => (await rule())?.state === 'failing', 'its failing', 30_000);
  expect((await rule())?.why).toMatch(/Sensor “air” has no channel “humidity”/);
  expect(device.line(17)).toBe('0');
});
