/**
 * The daemon on Linux' I2C bus, through the addon as it lies in a slot: a chip is unplugged and comes back, another
 * holds the bus low and lets go. Who is not concerned reads on.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SensorState } from '../../src/shared/device-contract.ts';
import { AIR_CELSIUS } from '../contracts/i2c-bus-contract.ts';
import { TestPrefix, unpack } from '../support/daemon-process.ts';
import { ADAPTER, RegisterAdapter } from '../support/i2c-adapter.ts';
import { plugChips } from '../support/i2c-chips.ts';
import { i2cSlot } from '../support/i2c-slot.ts';
import { need } from '../support/need.ts';
import { until } from '../support/until.ts';

const CONFIG = `
version: 1
buses: [{ id: i2c-1, kind: i2c, device: ${ADAPTER} }]
sensors:
  - { id: air, driver: tmp102, bus: i2c-1, periodMs: 50 }
  - { id: climate, driver: bme280, bus: i2c-1, periodMs: 50 }
  - { id: load, driver: load, periodMs: 50 }
`;

describe.skipIf(!need('gcc'))("a daemon on Linux' I2C bus", { timeout: 90_000 }, () => {
  let adapter: RegisterAdapter;
  let prefix: TestPrefix;
  beforeEach(async () => {
    adapter = new RegisterAdapter();
    await plugChips(adapter);
    prefix = new TestPrefix(adapter.env, i2cSlot);
    prefix.config(CONFIG);
    await prefix.run();
  });
  afterEach(async () => {
    await prefix.remove();
    adapter.remove();
  });

  async function states(): Promise<Record<string, SensorState>> {
    const client = await prefix.connect();
    const { sensors } = await client.call.status({});
    client.close();
    return Object.fromEntries(sensors.map((row) => [row.sensor, row]));
  }
  const become = (sensor: string, state: string) =>
    until(async () => (await states())[sensor]?.state === state, `${sensor} ${state}`, 60_000);

  it('reads both chips', async () => {
    await become('air', 'ok');
    await become('climate', 'ok');
    const client = await prefix.connect();
    const { batches } = await client.call.pull({ after: null, maxBytes: 1_000_000, waitMs: 10_000 });
    const { runs } = await client.call.runs({ from: 1 });
    client.close();
    const channel = runs[0]?.channels.findIndex(({ sensor }) => sensor === 'air');
    const columns = unpack(batches[0]?.data ?? new Uint8Array());
    const air = [...columns.value].filter((_, i) => columns.channel[i] === channel);
    expect(air.length).toBeGreaterThan(0);
    for (const value of air) expect(value).toBeCloseTo(AIR_CELSIUS, 0);
  });

  it('misses a chip that is unplugged, goes on with the other, and has it again', async () => {
    await become('air', 'ok');
    adapter.unplug(0x48);
    await until(async () => (await states())['air']?.state !== 'ok', 'a chip missed', 30_000);
    const missed = await states();
    expect(missed['air']?.lastError).toContain('nothing answers at 0x48 on i2c-1');
    expect(missed['climate']?.state).toBe('ok');
    await plugChips(adapter);
    await become('air', 'ok');
  });

  it('says what to do when a chip holds the bus low, and reads again when it lets go', async () => {
    await become('air', 'ok');
    adapter.plug(0x48, 255);
    await until(
      async () => (await states())['air']?.lastError?.includes('cut the power') ?? false,
      'a bus that hangs',
      30_000,
    );
    expect((await states())['load']?.state).toBe('ok');
    await plugChips(adapter);
    await become('air', 'ok');
  });

  it('outlives a transfer that never comes back', async () => {
    await become('air', 'ok');
    adapter.plug(0x48, 0);
    await until(
      async () => (await states())['climate']?.lastError?.includes('hangs') ?? false,
      'a transfer given up',
      30_000,
    );
    expect((await states())['load']?.state).toBe('ok');
    await plugChips(adapter);
    await become('climate', 'ok');
    await become('air', 'ok');
  });
});
