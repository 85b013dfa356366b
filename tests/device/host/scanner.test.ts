/** A person looks who hangs on a bus: in the host that owns it, in one made for the moment, and what no bus tells. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceContract } from '../../../src/shared/device-contract.ts';
import type { Found } from '../../../src/shared/device-scan-calls.ts';
import type { Client } from '../../../src/shared/peer.ts';
import { TestPrefix } from '../../support/daemon-process.ts';
import { Readings } from '../../support/faulty-process.ts';
import { RegisterAdapter } from '../../support/i2c-adapter.ts';
import { plugChips } from '../../support/i2c-chips.ts';
import { i2cSlot } from '../../support/i2c-slot.ts';
import { need } from '../../support/need.ts';
import { until } from '../../support/until.ts';

/** `0x76 bme280`, with `?` where it is not sure and the sensors that are configured there. */
const told = (found: readonly Found[]) =>
  found.map(({ place, chips, sensors }) =>
    [
      place,
      ...chips.map(({ driver, sure }) => (sure ? driver : `${driver}?`)),
      ...sensors.map(({ sensor }) => `= ${sensor}`),
    ].join(' '),
  );

describe('a look at the buses of a device', { timeout: 90_000 }, () => {
  let prefix: TestPrefix;
  let client: Client<DeviceContract>;
  beforeEach(() => {
    prefix = new TestPrefix();
    mkdirSync(join(prefix.path, 'dev'));
  });
  afterEach(async () => {
    client?.close();
    await prefix.remove();
  });

  async function start(config: string): Promise<void> {
    prefix.config(config);
    await prefix.run();
    client = await prefix.connect();
  }
  const measures = (sensor: string) =>
    until(async () => {
      const { sensors } = await client.call.status({});
      return sensors.some((row) => row.sensor === sensor && row.state === 'ok');
    }, `${sensor} measures`);

  it('names what measures, what nobody has configured, and what is configured and silent', async () => {
    await start(`
version: 1
buses:
  - id: i2c-1
    kind: sim
    chips:
      - { chip: bme280, address: 0x76 }
      - { chip: sht4x, address: 0x44 }
      - { chip: tmp102, address: 0x48 }
      - { chip: bh1750, address: 0x23, unplugged: true }
sensors:
  - { id: air, name: Air, driver: bme280, bus: i2c-1, periodMs: 100 }
  - { id: light, driver: bh1750, bus: i2c-1, address: 0x23, periodMs: 100 }
`);
    await measures('air');
    const { bus, found, note } = await client.call.scanBus({ bus: 'i2c-1' });
    expect(bus).toEqual({ bus: 'i2c-1', kind: 'sim', device: null, configured: true });
    expect(told(found)).toEqual(['0x44 sht4x', '0x48 tmp102? tmp105?', '0x76 = air']);
    expect(note).toBeNull();
    expect((await client.call.buses({})).byItself).toBeNull();
  });

  it('asks in a host made for the moment where a bus has no sensor, and leaves nobody behind', async () => {
    await start(`
version: 1
buses:
  - { id: spare, kind: sim, chips: [{ chip: bme280, address: 0x77 }] }
  - { id: w1, kind: sim-w1, chips: [{ chip: ds18b20, rom: 28-0316a2797f3c }, { chip: ds18b20, rom: 28-0316a2790000 }] }
  - { id: spi0.0, kind: sim-spi }
sensors:
  - { id: pipe, driver: ds18b20, bus: w1, options: { device: 28-0316a2797f3c } }
`);
    // two at once share a look
    const [one, other] = await Promise.all([0, 1].map(() => client.call.scanBus({ bus: 'spare' })));
    expect(told(one?.found ?? [])).toEqual(['0x77 bme280']);
    expect(other).toEqual(one);
    expect(told((await client.call.scanBus({ bus: 'w1' })).found)).toEqual([
      '28-0316a2797f3c ds18b20 = pipe',
      '28-0316a2790000 ds18b20',
    ]);
    const spi = await client.call.scanBus({ bus: 'spi0.0' });
    expect([spi.found, spi.note]).toEqual([[], expect.stringContaining('does not say that it is there')]);
    const { rows } = await client.call.tree({});
    expect(rows.map(({ path }) => path).filter((path) => path.includes('look-'))).toEqual([]);
    await expect(client.call.scanBus({ bus: 'i2c-9' })).rejects.toMatchObject({
      code: 'BUS_MISSING',
      message: expect.stringContaining('there are: spare, w1, spi0.0'),
    });
  });

  it.each(['thread', 'inline'])('looks in the same way where drivers run in mode %s', async (mode) => {
    await start(`
version: 1
hosts: { mode: ${mode} }
buses:
  - { id: spare, kind: sim, chips: [{ chip: bme280, address: 0x77 }] }
  - { id: i2c-1, kind: sim, chips: [{ chip: tmp102, address: 0x48 }, { chip: sht4x, address: 0x44 }] }
sensors: [{ id: air, driver: tmp102, bus: i2c-1, periodMs: 100 }]
`);
    await measures('air');
    for (let time = 0; time < 2; time++) {
      expect(told((await client.call.scanBus({ bus: 'spare' })).found)).toEqual(['0x77 bme280']);
      expect(told((await client.call.scanBus({ bus: 'i2c-1' })).found)).toEqual(['0x44 sht4x', '0x48 = air']);
    }
  });

  it('lists what the machine has and nobody configured, each once, under a name that is free', async () => {
    for (const file of ['i2c-1', 'i2c-20', 'i2c-3', 'spidev0.0', 'gpiochip0', 'ttyUSB0', 'ttyS0', 'null'])
      prefix.write(`dev/${file}`, '');
    prefix.write('sys/bus/w1/devices/w1_bus_master1/uevent', '');
    await start('version: 1\nbuses: [{ id: i2c-3, kind: i2c, device: /dev/i2c-1 }]\n');
    const { buses, byItself } = await client.call.buses({});
    expect(buses.map(({ bus, kind, device, configured }) => [bus, kind, device, configured])).toEqual([
      ['i2c-3', 'i2c', '/dev/i2c-1', true],
      ['i2c-3-2', 'i2c', '/dev/i2c-3', false],
      ['i2c-20', 'i2c', '/dev/i2c-20', false],
      ['spidev0.0', 'spi', '/dev/spidev0.0', false],
      ['gpiochip0', 'gpio', '/dev/gpiochip0', false],
      ['w1', 'w1', null, false],
      ['ttyUSB0', 'serial', '/dev/ttyUSB0', false],
    ]);
    expect(byItself?.map(({ driver }) => driver)).toEqual(
      expect.arrayContaining(['load', 'memory', 'disk', 'uptime']),
    );
    expect((await client.call.scanBus({ bus: '/dev/ttyUSB0' })).note).toContain('serial line or as Modbus');
  });

  it('costs the sensors that read meanwhile no reading', async () => {
    const at = Array.from({ length: 20 }, (_, i) =>
      i < 16 ? ['ina219', 0x40 + i] : ['mcp9808', 0x18 + i - 16],
    );
    await start(`
version: 1
journal: { flushMs: 50, idleFlushMs: 50 }
buses:
  - id: i2c-1
    kind: sim
    chips: [${at.map(([chip, address]) => `{ chip: ${chip}, address: ${address} }`).join(', ')}, { chip: bme280, address: 0x76 }]
sensors: [${at.map(([chip, address]) => `{ id: s${address}, driver: ${chip}, bus: i2c-1, address: ${address}, periodMs: 100 }`).join(', ')}]
`);
    for (const [, address] of at) await measures(`s${address}`);
    /** Readings that did not come while the bus was looked at five times. */
    const missed = async (): Promise<number> => {
      const readings = new Readings(client);
      await readings.take();
      const before = at.map(([, address]) => readings.of(`s${address}`).length);
      for (let look = 0; look < 5; look++) {
        const { found } = await client.call.scanBus({ bus: 'i2c-1' });
        expect(found).toHaveLength(21);
        expect(found.filter(({ sensors }) => sensors.length === 1)).toHaveLength(20);
      }
      await readings.take();
      return at.reduce((sum, [, address], i) => {
        const times = readings.of(`s${address}`).slice(Math.max(0, (before[i] ?? 0) - 1));
        const due = Math.round(((times.at(-1) ?? 0) - (times[0] ?? 0)) / 100) + 1;
        return sum + Math.max(0, due - times.length);
      }, 0);
    };
    // a machine under load skips ticks now and then; a look that costs readings would cost them each time
    await expect.poll(missed, { timeout: 30_000 }).toBe(0);
  });
});

describe.skipIf(!need('gcc'))("a look at Linux' own I2C bus", { timeout: 90_000 }, () => {
  it('finds the chips of a board that nobody has configured', async () => {
    const adapter = new RegisterAdapter();
    const prefix = new TestPrefix(adapter.env, i2cSlot);
    try {
      await plugChips(adapter);
      prefix.write('dev/i2c-1', '');
      await prefix.run();
      const client = await prefix.connect();
      const { buses } = await client.call.buses({});
      expect(buses).toEqual([{ bus: 'i2c-1', kind: 'i2c', device: '/dev/i2c-1', configured: false }]);
      const { found } = await client.call.scanBus({ bus: 'i2c-1' });
      expect(told(found)).toEqual(['0x48 tmp102? tmp105?', '0x76 bme280']);
      client.close();
    } finally {
      await prefix.remove();
      adapter.remove();
    }
  });
});
