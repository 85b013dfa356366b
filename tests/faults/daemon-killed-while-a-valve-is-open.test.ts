/** The daemon is killed while a valve is open: the valve closes within its lease, whether or not a daemon comes back. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import {
  ActingDevice,
  actingConfig,
  ALWAYS,
  isRunning,
  kill,
  LEASE_MS,
  open,
  told,
} from '../support/acting-device.ts';
import type { DaemonProcess } from '../support/daemon-process.ts';
import { until } from '../support/until.ts';

/** A loaded machine may be late by this much, ms. */
const LATE_MS = 5000;

let device: ActingDevice;
let daemon: DaemonProcess;
let client: Client<DeviceContract>;
beforeEach(async () => {
  device = new ActingDevice();
});
afterEach(async () => {
  client.close();
  await device.remove();
});

async function start(config = actingConfig()): Promise<void> {
  device.config(config);
  daemon = await device.run();
  client = await device.connect();
}

it('closes by itself within the lease, and its process leaves', { timeout: 60_000 }, async () => {
  await start();
  const host = device.hostPid;
  const before = performance.now();
  await open(client, 'valve');
  expect(device.line(17)).toBe('1');
  await kill(daemon);
  await until(() => device.line(17) === '0', 'the valve', LEASE_MS + LATE_MS);
  // it was held for its lease, not cut off by the kill
  expect(performance.now() - before).toBeGreaterThan(LEASE_MS - 100);
  await until(() => !isRunning(host), 'the end of the process that held it');
});

it('tells the next daemon what happened meanwhile', { timeout: 60_000 }, async () => {
  await start();
  const host = device.hostPid;
  await open(client, 'valve');
  await kill(daemon);
  await until(() => !isRunning(host), 'the end of the process that held it');
  client.close();
  await start();
  expect(await told(client)).toEqual(expect.arrayContaining(['valve 0>1 person ann', 'valve 1>0 lease ann']));
});

it('closes at once when a daemon comes back before the lease ends', { timeout: 60_000 }, async () => {
  await start();
  const host = device.hostPid;
  await open(client, 'valve', 3_600_000);
  await open(client, 'lamp', 3_600_000);
  await kill(daemon);
  expect(device.line(17)).toBe('1');
  client.close();
  await start();
  expect(device.line(17)).toBe('0');
  // this one's policy is to stay as it is
  expect(device.line(22)).toBe('1');
  expect(device.hostPid).not.toBe(host);
  expect(isRunning(host)).toBe(false);
  // and not for ever, if nobody wants it
  await until(() => device.line(22) === '0', 'the lamp', LEASE_MS + LATE_MS);
});

it('closes when a daemon comes back although all were killed', { timeout: 60_000 }, async () => {
  await start();
  await open(client, 'valve', 3_600_000);
  process.kill(device.hostPid, 'SIGKILL');
  await kill(daemon);
  // as a pin keeps its level when the process that drove it is gone
  device.write('run/muster/lines/gpiochip0/17', '1');
  client.close();
  await start();
  expect(device.line(17)).toBe('0');
});

it.each([
  ['names no outputs any more', '{version: 1}'],
  ['is garbage', 'outputs: ['],
])('closes when all were killed and the configuration %s', { timeout: 60_000 }, async (_, config) => {
  await start();
  await open(client, 'valve', 3_600_000);
  process.kill(device.hostPid, 'SIGKILL');
  await kill(daemon);
  device.write('run/muster/lines/gpiochip0/17', '1');
  client.close();
  await start(config);
  expect(device.line(17)).toBe('0');
  expect(await told(client)).toContain('valve 1>0 boot not configured any more');
});

it(
  'closes within the lease when the daemon hangs, and its rule has it again when it goes on',
  { timeout: 60_000 },
  async () => {
    await start(actingConfig({ rules: [ALWAYS] }));
    await until(() => device.line(17) === '1', 'the rule');
    daemon.process.kill('SIGSTOP');
    const stopped = performance.now();
    await until(() => device.line(17) === '0', 'the valve', LEASE_MS + LATE_MS);
    expect(performance.now() - stopped).toBeLessThan(LEASE_MS + LATE_MS);
    daemon.process.kill('SIGCONT');
    await until(() => device.line(17) === '1', 'the rule again');
  },
);

it('closes when the daemon is told to end', { timeout: 60_000 }, async () => {
  await start();
  await open(client, 'valve', 3_600_000);
  await open(client, 'lamp', 3_600_000);
  daemon.process.kill('SIGTERM');
  await daemon.ended;
  expect([device.line(17), device.line(22)]).toEqual(['0', '0']);
});
