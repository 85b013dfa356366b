/** The contract of drivers of the machine itself, run for every one of the catalog. One without a row here fails. */
import { describe, expect, it } from 'vitest';
import { CATALOG, driverById } from '../../device/drivers/catalog.ts';
import type { Driver, OpenSensor } from '../../device/drivers/driver.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { machineOf } from '../support/machine.ts';
import { MACHINE_CASES, type MachineCase } from './machine-cases.ts';

it('knows every driver of the machine', () => {
  const drivers = CATALOG.filter(({ bus }) => bus === 'machine');
  expect(Object.keys(MACHINE_CASES).toSorted()).toEqual(drivers.map(({ id }) => id).toSorted());
});

describe.each(Object.entries(MACHINE_CASES))('%s', (id, given: MachineCase) => {
  const driver = driverById(id) as Driver;
  const { options = {}, channels } = given;

  /** A machine at the middle of every range, that can become another, and the driver on it. Null: all is gone. */
  async function bench() {
    const files = given.files(1);
    let at: 0 | 1 | 2 | null = 1;
    const machine = {
      ...machineOf(files),
      space() {
        if (at === null || !given.space) throw new Error('ENOENT');
        return given.space(at);
      },
    };
    const declared = driver.channels({ machine, options });
    const sensor = await driver.open({ bus: null, address: 0, options, machine, clock: new FakeClock() });
    return {
      declared,
      sensor,
      become(place: 0 | 1 | 2 | null, next = place === null ? {} : given.files(place)) {
        at = place;
        for (const path of Object.keys(files)) delete files[path];
        Object.assign(files, next);
      },
    };
  }

  async function read(sensor: OpenSensor): Promise<number[]> {
    const values = new Float64Array(Object.keys(channels).length).fill(Number.NaN);
    await sensor.read(values, new Uint8Array(values.length));
    return [...values];
  }

  it('declares channels that can be', async () => {
    const { declared } = await bench();
    expect(declared.map(({ channel }) => channel)).toEqual(Object.keys(channels));
    for (const { decimals, plausible } of declared) {
      expect(decimals).toBeGreaterThanOrEqual(0);
      expect(decimals).toBeLessThanOrEqual(9);
      expect(plausible[0]).toBeLessThan(plausible[1]);
    }
    expect(driver.addresses).toEqual([]);
  });

  it.each([
    ['low', 0],
    ['middle', 1],
    ['high', 2],
  ] as const)('reads every channel at the %s of its range', async (_, place) => {
    const { declared, sensor, become } = await bench();
    become(place);
    const values = await read(sensor);
    for (const [i, { channel, plausible }] of declared.entries()) {
      expect(values[i], channel).toBeCloseTo(channels[channel]![place], 6);
      expect(values[i], channel).toBeGreaterThanOrEqual(plausible[0]);
      expect(values[i], channel).toBeLessThanOrEqual(plausible[1]);
    }
  });

  it.skipIf(given.withoutFiles)(
    'fails with a code when it is gone, and reads again when it is back',
    async () => {
      const { sensor, become } = await bench();
      become(null);
      await expect(async () => read(sensor)).rejects.toMatchObject({ code: 'BUS_MISSING' });
      become(2);
      expect((await read(sensor)).every(Number.isFinite)).toBe(true);
    },
  );

  if (!given.space)
    it('takes no nonsense for a number', async () => {
      const { sensor, become } = await bench();
      const nonsense = Object.keys(given.files(1)).map((path) => [path, 'nonsense']);
      become(1, Object.fromEntries(nonsense) as Record<string, string>);
      await expect(async () => read(sensor)).rejects.toMatchObject({ code: 'BAD_REPLY' });
    });
});
