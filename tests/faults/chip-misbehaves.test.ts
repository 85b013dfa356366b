/**
 * Faults of chips and wires, over every I2C driver as a sensor: unplugged and back, every third byte without acknowledge,
 * answers damaged, two chips configured at one address. No made-up value, words for the person, and all well afterwards.
 */
import { describe, expect, it } from 'vitest';
import { CATALOG } from '../../device/drivers/catalog.ts';
import { startSupervisor } from '../../device/otp/supervisor.ts';
import { Ticker } from '../../device/otp/ticker.ts';
import { createBuses } from '../../device/sensors/buses.ts';
import { sensorChildren } from '../../device/sensors/sensors.ts';
import type { SensorState } from '../../src/shared/device-contract.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { machineOf } from '../support/machine.ts';
import { oneSensor, type OneSensor } from '../support/one-sensor.ts';

const DRIVERS = CATALOG.filter(({ bus }) => bus === 'i2c').map(({ id }) => id);
/** Chips whose every answer carries a checksum. */
const CHECKED = ['aht20', 'sht3x', 'sht4x', 'scd4x', 'sgp40'];

/** What is learned over minutes, and no measurement: what a fault does to it is told in tests/device/drivers/sgp40.test.ts. */
const LEARNED: Record<string, number> = { sgp40: 1 };

/** Long enough for the slowest chip to have measured. */
const WHILE_MS = 12_000;

function knobs({ bus, address }: OneSensor) {
  const chip = bus.chip(address);
  if (!chip) throw new Error('no chip');
  return chip.knobs;
}

/** Values of readings with a number that are not one of the world's: none may be. */
const madeUp = ({ readings }: OneSensor, truth: ReadonlySet<number>) =>
  readings.filter(({ value }) => !Number.isNaN(value) && !truth.has(value));

async function steady(id: string): Promise<{ sensor: OneSensor; truth: Set<number> }> {
  const sensor = oneSensor(id, {}, LEARNED[id]);
  await sensor.clock.advance(WHILE_MS);
  knobs(sensor).stuck = true;
  sensor.readings.length = 0;
  await sensor.clock.advance(WHILE_MS);
  const truth = new Set(sensor.readings.map(({ value }) => value).filter((value) => !Number.isNaN(value)));
  expect(truth.size).toBeGreaterThan(0);
  sensor.readings.length = 0;
  return { sensor, truth };
}

async function isWell(sensor: OneSensor): Promise<boolean> {
  await sensor.clock.advance(WHILE_MS);
  const last = new Map(sensor.readings.map(({ channel, quality }) => [channel, quality]));
  return (
    sensor.states.at(-1)?.state === 'ok' &&
    [...last.values()].every((quality) => quality === 'ok' || quality === 'stale')
  );
}

describe.each(DRIVERS)('%s', (id) => {
  it('unplugged and back: gaps with words, then readings again', async () => {
    const { sensor, truth } = await steady(id);
    knobs(sensor).unplugged = true;
    await sensor.clock.advance(5000);
    expect(sensor.states.at(-1)).toMatchObject({
      state: 'failing',
      lastError: expect.stringContaining('nothing answers at 0x'),
    });
    expect(new Set(sensor.readings.slice(-3).map(({ quality }) => quality))).toEqual(new Set(['missing']));
    knobs(sensor).unplugged = false;
    expect(await isWell(sensor)).toBe(true);
    expect(madeUp(sensor, truth)).toEqual([]);
  });

  it('every third byte without acknowledge: no made-up value, and well afterwards', async () => {
    const { sensor, truth } = await steady(id);
    knobs(sensor).nackEvery = 3;
    await sensor.clock.advance(20_000);
    expect(sensor.readings.length).toBeGreaterThan(0);
    expect(madeUp(sensor, truth)).toEqual([]);
    knobs(sensor).nackEvery = 0;
    expect(await isWell(sensor)).toBe(true);
  });

  it('holding the bus: given up on with words, and well when it lets go', async () => {
    const { sensor } = await steady(id);
    knobs(sensor).hanging = true;
    await sensor.clock.advance(5000);
    expect(sensor.states.at(-1)).toMatchObject({ state: 'failing' });
    expect(sensor.states.at(-1)?.lastError).toMatch(/answer/);
    knobs(sensor).hanging = false;
    expect(await isWell(sensor)).toBe(true);
  });
});

describe.each(CHECKED)('%s', (id) => {
  it('with a damaged answer: an error in words, never a value', async () => {
    const { sensor, truth } = await steady(id);
    for (let bit = 0; bit < 48; bit += 5) {
      knobs(sensor).flipBit = bit;
      await sensor.clock.advance(6000);
    }
    expect(madeUp(sensor, truth)).toEqual([]);
    const said = sensor.states.map(({ lastError }) => lastError ?? '');
    expect(said.some((words) => words.includes('fails its checksum'))).toBe(true);
    knobs(sensor).flipBit = -1;
    expect(await isWell(sensor)).toBe(true);
  });
});

describe('two chips configured at one address', () => {
  it('the first is read, the second says whose address it is', async () => {
    const clock = new FakeClock();
    const states = new Map<string, SensorState>();
    const children = sensorChildren({
      buses: createBuses(
        [{ id: 'i2c-1', kind: 'sim', chips: [{ chip: 'bme280', address: 0x76 }] }],
        machineOf({}),
        clock,
      ),
      sensors: [
        { id: 'air', driver: 'bme280', bus: 'i2c-1', address: 0x76, options: {} },
        { id: 'pressure', driver: 'bmp280', bus: 'i2c-1', options: {} },
        { id: 'again', driver: 'bme280', bus: 'i2c-1', options: {} },
      ],
      machine: machineOf({}),
      ticker: new Ticker(clock),
      outlet: {
        register: (rows) => rows.map((_, i) => i),
        record: () => {},
        report: (state) => void states.set(state.sensor, state),
      },
    });
    const supervisor = await startSupervisor(
      { intensity: 3, periodMs: 1000, children },
      { path: 'sensors', clock },
    );
    await clock.advance(5000);
    expect(states.get('air')).toMatchObject({ state: 'ok' });
    expect(states.get('again')).toMatchObject({ state: 'ok' });
    expect(states.get('pressure')).toMatchObject({
      state: 'failing',
      lastError: '0x76 on i2c-1 is configured as air (bme280) already',
    });
    supervisor.shutdown();
    await clock.advance(10);
  });
});
