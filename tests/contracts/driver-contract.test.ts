/** The driver contract, run for every chip of the catalog. A chip without a row here fails. */
import { describe, expect, it } from 'vitest';
import { CATALOG, driverById } from '../../device/drivers/catalog.ts';
import type { Driver } from '../../device/drivers/driver.ts';
import { driverContract, type ContractCase } from './driver-contract.ts';

const CHIPS: Record<string, ContractCase['channels']> = {
  tmp102: { temperature: { world: 'temperature', values: [-40, 21.5, 125], within: 0.032 } },
  bme280: {
    temperature: { world: 'temperature', values: [-40, 25.08, 85], within: 0.011 },
    humidity: { world: 'humidity', values: [0, 45.5, 100], within: 0.05 },
    pressure: { world: 'pressure', values: [30_000, 101_325, 110_000], within: 2 },
  },
  bh1750: { light: { world: 'light', values: [0, 400, 54_612], within: 0.5 } },
};

const chips = CATALOG.filter(({ bus }) => bus !== 'machine');

it('knows every chip of the catalog', () => {
  expect(Object.keys(CHIPS).toSorted()).toEqual(chips.map(({ id }) => id).toSorted());
  expect(new Set(CATALOG.map(({ id }) => id)).size).toBe(CATALOG.length);
});

describe.each(Object.entries(CHIPS))('%s', (id, channels) => {
  driverContract({ driver: driverById(id) as Driver, channels });
});
