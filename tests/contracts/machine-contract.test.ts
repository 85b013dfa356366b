/** The contract of drivers of the machine itself, run for every one of the catalog. One without a row here fails. */
import { describe, expect, it } from 'vitest';
import { CATALOG, driverById } from '../../device/drivers/catalog.ts';
import type { ChannelDeclaration, Driver } from '../../device/drivers/driver.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { machineOf } from '../support/machine.ts';
import { MACHINE_CASES, type MachineCase } from './machine-cases.ts';

const ALL = Object.entries(MACHINE_CASES);

interface Bench {
  declared: readonly ChannelDeclaration[];
  read: () => Promise<number[]>;
  /** Moves every channel; null: all is gone. `files`: other ones. */
  become: (place: 0 | 1 | 2 | null, files?: Record<string, string>) => void;
}

/** A driver on a machine at the middle of every range. */
async function bench(id: string, given: MachineCase): Promise<Bench> {
  const driver = driverById(id) as Driver;
  const files = given.files(1);
  let at: 0 | 1 | 2 | null = 1;
  const machine = {
    ...machineOf(files),
    space() {
      if (at === null || !given.space) throw new Error('ENOENT');
      return given.space(at);
    },
  };
  const { options = {} } = given;
  const declared = driver.channels({ machine, options });
  const sensor = await driver.open({ bus: null, address: 0, options, machine, clock: new FakeClock() });
  return {
    declared,
    async read() {
      const values = new Float64Array(declared.length).fill(Number.NaN);
      await sensor.read(values, new Uint8Array(declared.length));
      return [...values];
    },
    become(place, next = place === null ? {} : given.files(place)) {
      at = place;
      for (const path of Object.keys(files)) delete files[path];
      Object.assign(files, next);
    },
  };
}

it('knows every driver of the machine', () => {
  const drivers = CATALOG.filter(({ bus }) => bus === 'machine');
  expect(ALL.map(([id]) => id).toSorted()).toEqual(drivers.map(({ id }) => id).toSorted());
});

describe.each(ALL)('%s', (id, given) => {
  it('declares channels that can be', async () => {
    const { declared } = await bench(id, given);
    expect(declared.map(({ channel }) => channel)).toEqual(Object.keys(given.channels));
    for (const { decimals, plausible } of declared) {
      expect(decimals).toBeGreaterThanOrEqual(0);
      expect(decimals).toBeLessThanOrEqual(9);
      expect(plausible[0]).toBeLessThan(plausible[1]);
    }
  });

  it.each([
    ['low', 0],
    ['middle', 1],
    ['high', 2],
  ] as const)('reads every channel at the %s of its range', async (_, place) => {
    const here = await bench(id, given);
    here.become(place);
    const values = await here.read();
    expect(values).toEqual(
      Object.values(given.channels).map((wanted) => expect.closeTo(wanted[place], 6) as number),
    );
    const beyond = here.declared.filter(
      ({ plausible: [low, high] }, i) => values[i]! < low || values[i]! > high,
    );
    expect(beyond).toEqual([]);
  });

  it('fails with a code when it is gone, and reads again when it is back', async () => {
    const here = await bench(id, given);
    here.become(null);
    await expect(here.read()).rejects.toMatchObject({ code: 'BUS_MISSING' });
    here.become(2);
    expect((await here.read()).every(Number.isFinite)).toBe(true);
  });
});

describe.each(ALL.filter(([, { space }]) => !space))('%s', (id, given) => {
  it('takes no nonsense for a number', async () => {
    const here = await bench(id, given);
    const nonsense = Object.keys(given.files(1)).map((path) => [path, 'nonsense']);
    here.become(1, Object.fromEntries(nonsense) as Record<string, string>);
    await expect(here.read()).rejects.toMatchObject({ code: 'BAD_REPLY' });
  });
});
