/** A Modbus slave is gone for a while: its sensor and its outputs say so, the rest goes on, and all comes back by itself. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceContract } from '../../src/shared/device-contract.ts';
import type { Client } from '../../src/shared/peer.ts';
import { open, told, valueOf } from '../support/acting-device.ts';
import { unpack } from '../support/daemon-process.ts';
import { DRAIN, ModbusDevice, PUMP } from '../support/modbus-device.ts';
import { ModbusSlave } from '../support/modbus-slaves.ts';
import { need } from '../support/need.ts';
import { freePort } from '../support/sshd.ts';
import { until } from '../support/until.ts';

const WAIT_MS = 40_000;

describe.skipIf(!need('socat'))('a daemon with a Modbus slave', { timeout: 180_000 }, () => {
  let device: ModbusDevice;
  let client: Client<DeviceContract>;
  beforeEach(() => {
    device = new ModbusDevice();
  });
  afterEach(() => device.remove());

  async function start(): Promise<void> {
    await device.run();
    client = await device.connect();
  }
  const become = (sensor: string, state: string) =>
    until(async () => (await device.sensor(sensor))?.state === state, `${sensor} ${state}`, WAIT_MS);

  it('reads it while it switches it, over one line, and another over TCP', async () => {
    const port = await freePort();
    const networked = await new ModbusSlave(port).ready();
    const volts = { channel: 'voltage', quantity: 'voltage', table: 'input', address: 0, type: 'f32' };
    await device.prepare({
      buses: [{ id: 'hall', kind: 'modbus-tcp', address: '127.0.0.1', port }],
      sensors: [
        { id: 'other', driver: 'modbus-map', bus: 'hall', periodMs: 100, options: { channels: [volts] } },
      ],
    });
    await start();
    await become('meter', 'ok');
    await become('other', 'ok');
    await until(async () => (await valueOf(client, 'pump')).state === 'ok', 'the coil', WAIT_MS);
    for (let i = 0; i < 5; i++) {
      await open(client, 'pump');
      expect(device.slave.coils.get(PUMP)).toBe(true);
      await expect(open(client, 'drain')).rejects.toMatchObject({ code: 'REFUSED' });
      await client.call.setOutput({ output: 'pump', value: 0, forMs: null, by: 'ann' });
      expect(device.slave.coils.get(PUMP)).toBe(false);
    }
    await open(client, 'drain');
    expect(device.slave.coils.get(DRAIN)).toBe(true);
    let values: number[] = [];
    const readEnough = async (): Promise<boolean> => {
      const { batches } = await client.call.pull({ after: null, maxBytes: 1_000_000, waitMs: 1000 });
      const { runs } = await client.call.runs({ from: 1 });
      const ofVolts = runs[0]?.channels.filter(({ channel }) => channel === 'voltage') ?? [];
      const isVolts = new Set(ofVolts.map(({ index }) => index));
      const columns = batches.map(({ data }) => unpack(data));
      values = columns.flatMap(({ channel, value }) =>
        [...value].filter((_, i) => isVolts.has(channel[i] as number)),
      );
      return isVolts.size === 2 && values.length > 10;
    };
    await until(readEnough, 'readings', WAIT_MS);
    expect(new Set(values.filter((value) => !Number.isNaN(value)))).toEqual(new Set([230.5]));
    await networked.end();
  });

  it('misses it in words, goes on without it, and has it again', async () => {
    await device.prepare();
    await start();
    await become('meter', 'ok');
    await open(client, 'pump', 3_600_000);
    device.slave.hang(true);
    await become('meter', 'failing');
    expect((await device.sensor('meter'))?.lastError).toContain('unit 1');
    expect((await device.sensor('meter'))?.lastError).toContain('plant');
    await until(async () => (await valueOf(client, 'pump')).state === 'failing', 'the coil missed', WAIT_MS);
    const missed = await valueOf(client, 'pump');
    expect(missed).toMatchObject({ error: expect.stringContaining('unit 1'), value: null, hold: null });
    await expect(open(client, 'pump')).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(open(client, 'drain')).rejects.toMatchObject({ code: 'REFUSED' });
    expect((await device.sensor('load'))?.state).toBe('ok');
    device.slave.hang(false);
    await become('meter', 'ok');
    await until(async () => (await valueOf(client, 'pump')).state === 'ok', 'the coil again', WAIT_MS);
    // what could not be held is safe
    await until(() => device.slave.coils.get(PUMP) === false, 'the pump off');
    expect(await told(client)).toEqual(expect.arrayContaining(['pump not 1 person ann', 'pump null>0 host']));
  });

  it('brings a slave that was switched off and on back to where it should be', async () => {
    await device.prepare();
    await start();
    await until(async () => (await valueOf(client, 'pump')).state === 'ok', 'the coil', WAIT_MS);
    await open(client, 'pump', 3_600_000);
    // a new one has all its coils off, and nobody tells
    await device.slave.end();
    await device.startSlave();
    await until(() => device.slave.coils.has(PUMP), 'the pump written again', WAIT_MS);
    expect(device.slave.coils.get(PUMP)).toBe((await valueOf(client, 'pump')).value === 1);
  });
});
