/** Simulated SPI, GPIO and 1-Wire, and the kernel's 1-Wire bus over files: what they refuse and what they say. */
import { describe, expect, it } from 'vitest';
import { kernelW1 } from '../../../device/bus/w1-bus.ts';
import { driverById } from '../../../device/drivers/catalog.ts';
import type { Driver } from '../../../device/drivers/driver.ts';
import { createBuses } from '../../../device/sensors/buses.ts';
import { createSimGpio } from '../../../device/sim/sim-gpio.ts';
import { createSimSpi } from '../../../device/sim/sim-spi.ts';
import { createSimW1 } from '../../../device/sim/sim-w1.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { machineOf } from '../../support/machine.ts';

const clock = () => new FakeClock();
const row = (chip: string, more: Record<string, unknown> = {}) => ({ chip, ...more });

describe('simulated buses', () => {
  it.each([
    [
      'two chips on one select',
      () => createSimSpi('s', [row('mcp3008'), row('mcp3008')], clock()),
      'one chip select',
    ],
    ['an I2C chip on SPI', () => createSimSpi('s', [row('bme280')], clock()), 'buses.s.chips.0.chip'],
    ['a line without its number', () => createSimGpio('g', [row('pulses')], clock()), 'buses.g.chips.0.line'],
    [
      'a thermometer without its id',
      () => createSimW1('w', [row('ds18b20')], clock()),
      'buses.w.chips.0.rom',
    ],
    [
      'an id that is none',
      () => createSimW1('w', [row('ds18b20', { rom: '28-1' })], clock()),
      'must be like 28-',
    ],
    [
      'a knob that is none',
      () => createSimGpio('g', [row('switch', { line: 4, colour: 1 })], clock()),
      'buses.g.chips.0',
    ],
  ])('refuse %s and say where', (_, make, words) => {
    expect(make).toThrow(MusterError);
    expect(make).toThrow(words);
  });

  it('are made by kind, and one that cannot be made fails alone', () => {
    const buses = createBuses(
      [
        { id: 'i2c', kind: 'sim', chips: [row('bme280', { address: 0x76 })] },
        { id: 'spi', kind: 'sim-spi', chips: [row('mcp3008')] },
        { id: 'gpio', kind: 'sim-gpio', chips: [row('switch', { line: 4 })] },
        { id: 'wire', kind: 'sim-w1', chips: [row('ds18b20', { rom: '28-0316a2797f3c' })] },
        { id: 'w1', kind: 'w1' },
        { id: 'bad', kind: 'sim', chips: [row('bme280')] },
      ],
      machineOf({}),
      clock(),
    );
    const kinds = ['i2c', 'spi', 'gpio', 'wire', 'w1'].map((id) => {
      const bus = buses.find(id);
      return bus instanceof MusterError ? bus.code : bus.kind;
    });
    expect(kinds).toEqual(['i2c', 'spi', 'gpio', 'w1', 'w1']);
    expect(buses.find('bad')).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(buses.find('none')).toMatchObject({ code: 'BUS_MISSING' });
  });

  it('say what a driver wants when it hangs on another kind', async () => {
    const bus = createSimSpi('spi-0.0', [], clock());
    const opening = (driverById('bme280') as Driver).open({
      bus,
      address: 0x76,
      options: {},
      machine: machineOf({}),
      clock: clock(),
    });
    await expect(opening).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('kind i2c, and bus spi-0.0 is spi'),
    });
  });

  it('of GPIO tell every pulse with the time at which it was', async () => {
    const time = clock();
    const lines = createSimGpio('g', [row('pulses', { line: 4, rate: { mean: 10, swing: 0 } })], time);
    const edges: [boolean, number, number][] = [];
    await lines.input(4, { bias: 'as-is', activeLow: false }, (active, at, n) => edges.push([active, at, n]));
    await time.advance(1000);
    // ten a second, two edges each
    expect(edges).toHaveLength(20);
    expect(edges.map(([, , n]) => n)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    for (const [i, [active, at]] of edges.entries()) {
      expect(active).toBe(i % 2 === 0);
      expect(at).toBeCloseTo((i + 1) * 50, 6);
    }
  });
});

describe('the kernel’s 1-Wire bus', () => {
  const FOLDER = 'sys/bus/w1/devices';
  const text = '72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125';
  const files = {
    [`${FOLDER}/w1_bus_master1/w1_master_slave_count`]: '2',
    [`${FOLDER}/28-0316a2797f3c/w1_slave`]: text,
    [`${FOLDER}/10-000802b4d1a2/w1_slave`]: text,
  };
  const ask = async (from: Record<string, string>, options: Record<string, unknown> = {}) => {
    const machine = machineOf(from);
    const bus = kernelW1('w1', machine);
    const sensor = await (driverById('ds18b20') as Driver).open({
      bus,
      address: 0,
      options,
      machine,
      clock: clock(),
    });
    const values = new Float64Array(1);
    await sensor.read(values, new Uint8Array(1));
    return values[0];
  };

  it('gives the only thermometer there is, or the one that is named', async () => {
    await expect(ask(files)).resolves.toBe(23.125);
    const two = { ...files, [`${FOLDER}/28-00000a11ce00/w1_slave`]: text.replaceAll('72 01', '91 01') };
    await expect(ask(two)).rejects.toMatchObject({
      code: 'BUS_MISSING',
      message: expect.stringContaining('28-00000a11ce00, 28-0316a2797f3c'),
    });
    await expect(ask(two, { device: '28-00000a11ce00' })).resolves.toBe(25.0625);
  });

  it('says what is missing: the bus, the thermometer, its answer', async () => {
    await expect(ask({})).rejects.toMatchObject({ message: expect.stringContaining('dtoverlay=w1-gpio') });
    await expect(ask({ [`${FOLDER}/w1_bus_master1/x`]: '' })).rejects.toMatchObject({
      message: expect.stringContaining('there are: none'),
    });
    // pulled off: its folder stays for a while, the file reads empty
    await expect(ask({ ...files, [`${FOLDER}/28-0316a2797f3c/w1_slave`]: '' })).rejects.toMatchObject({
      code: 'BUS_NACK',
    });
  });
});
