/** The daemon is killed while a coil of a Modbus slave is on: it falls within its lease, also where nobody answers at first. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import { kill, open, told, valueOf } from '../support/acting-device.ts';
import type { DaemonProcess } from '../support/daemon-process.ts';
import { LEASE_MS, ModbusDevice, PUMP } from '../support/modbus-device.ts';
import { need } from '../support/need.ts';
import { until } from '../support/until.ts';

/** A loaded machine may be late by this much, ms. */
const LATE_MS = 10_000;

describe.skipIf(!need('socat'))('a daemon that is killed', { timeout: 120_000 }, () => {
  let device: ModbusDevice;
  let daemon: DaemonProcess;
  let client: Client<DeviceContract>;
  beforeEach(async () => {
    device = new ModbusDevice();
    await device.prepare();
    await start();
  });
  afterEach(() => device.remove());

  async function start(): Promise<void> {
    daemon = await device.run();
    client = await device.connect();
    await until(async () => (await valueOf(client, 'pump')).state === 'ok', 'the coil', 40_000);
  }

  it('lets the coil fall within its lease', async () => {
    const before = performance.now();
    await open(client, 'pump');
    expect(device.slave.coils.get(PUMP)).toBe(true);
    await kill(daemon);
    await until(() => device.slave.coils.get(PUMP) === false, 'the pump off', LEASE_MS + LATE_MS);
    // it was held for its lease, not cut off by the kill
    expect(performance.now() - before).toBeGreaterThan(LEASE_MS - 100);
    client.close();
    await start();
    expect(await told(client)).toEqual(expect.arrayContaining(['pump 0>1 person ann', 'pump 1>0 lease ann']));
  });

  it('lets it fall as soon as its slave answers again', async () => {
    await open(client, 'pump');
    expect(device.slave.coils.get(PUMP)).toBe(true);
    device.slave.hang(true);
    await kill(daemon);
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
    device.slave.hang(false);
    await until(() => device.slave.coils.get(PUMP) === false, 'the pump off', LATE_MS);
  });

  it('lets it fall when another daemon starts, whatever was promised', async () => {
    await open(client, 'pump', 3_600_000);
    await kill(daemon);
    client.close();
    await start();
    await until(() => device.slave.coils.get(PUMP) === false, 'the pump off', LATE_MS);
    expect((await valueOf(client, 'pump')).hold).toBeNull();
  });

  it('lets it fall when it is told to end', async () => {
    await open(client, 'pump', 3_600_000);
    expect(device.slave.coils.get(PUMP)).toBe(true);
    daemon.process.kill('SIGTERM');
    await daemon.ended;
    await until(() => device.slave.coils.get(PUMP) === false, 'the pump off', LATE_MS);
  });

  it('lets it fall once when it is no output any more', async () => {
    await open(client, 'pump', 3_600_000);
    await kill(daemon);
    client.close();
    device.config('{version: 1}');
    await device.run();
    client = await device.connect();
    await until(() => device.slave.coils.get(PUMP) === false, 'the pump off', LATE_MS);
    expect(await told(client)).toContainEqual(
      expect.stringMatching(/^pump (null|1)>0 boot not configured any more$/),
    );
  });
});
