/** The process that holds the outputs dies or hangs: another one takes its place, and begins with the safe values. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import { ActingDevice, actingConfig, open, told, valueOf } from '../support/acting-device.ts';
import { until } from '../support/until.ts';

let device: ActingDevice;
let client: Client<DeviceContract>;
beforeEach(async () => {
  device = new ActingDevice();
  device.config(actingConfig());
  await device.run();
  client = await device.connect();
});
afterEach(async () => {
  client.close();
  await device.remove();
});

it.each(['SIGKILL', 'SIGSTOP'] as const)('falls safe after %s', { timeout: 60_000 }, async (signal) => {
  const host = device.hostPid;
  await open(client, 'valve', 3_600_000);
  await open(client, 'lamp', 3_600_000);
  process.kill(host, signal);
  await until(() => device.line(17) === '0' && device.line(22) === '0', 'the safe values');
  await until(async () => (await valueOf(client, 'valve')).state === 'ok', 'the new process');
  expect(device.hostPid).not.toBe(host);
  expect(await told(client)).toEqual(expect.arrayContaining(['valve 1>0 host', 'lamp 1>0 host']));
  // and it takes commands
  await open(client, 'valve');
  expect(device.line(17)).toBe('1');
});
