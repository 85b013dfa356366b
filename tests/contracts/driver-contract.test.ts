/** The driver contract, run for every driver of the catalog that hangs on a bus. One without a row here fails. */
import { describe, expect, it } from 'vitest';
import { CATALOG, driverById } from '../../device/drivers/catalog.ts';
import type { Driver } from '../../device/drivers/driver.ts';
import { checksumContract, driverContract, identityContract, stillContract } from './driver-contract.ts';
import { CASES } from './driver-cases.ts';

it('knows every driver on a bus', () => {
  const drivers = CATALOG.filter(({ bus }) => bus !== 'machine');
  expect(Object.keys(CASES).toSorted()).toEqual(drivers.map(({ id }) => id).toSorted());
  expect(new Set(CATALOG.map(({ id }) => id)).size).toBe(CATALOG.length);
});

describe.each(Object.entries(CASES))('%s', (id, given) => {
  driverContract(driverById(id) as Driver, given);
});

describe.each(Object.entries(CASES).filter(([, { checked }]) => checked))('%s', (id, given) => {
  checksumContract(driverById(id) as Driver, given);
});

describe.each(Object.entries(CASES).filter(([, { counts, speaks }]) => !counts && !speaks))(
  '%s',
  (id, given) => {
    stillContract(driverById(id) as Driver, given);
  },
);

/** What a driver cannot tell from its own chip: one family, and the temperature reads the same. */
const ALIKE: Record<string, string> = { lm75: 'tmp105', tmp105: 'tmp102' };

const mixedUp = CATALOG.flatMap((driver) => {
  const others = CATALOG.filter(
    ({ id, addresses }) =>
      id !== driver.id && addresses.includes(driver.addresses[0] ?? 0) && ALIKE[driver.id] !== id,
  ).map(({ id }) => id);
  return others.length > 0 ? [{ driver, others }] : [];
});

it('knows that chips share addresses', () => {
  expect(mixedUp.length).toBeGreaterThanOrEqual(10);
});

describe.each(mixedUp)('$driver.id', ({ driver, others }) => {
  identityContract(driver, CASES[driver.id] ?? { channels: {} }, others);
});
