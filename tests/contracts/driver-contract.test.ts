/** The driver contract, run for every driver of the catalog that hangs on a bus. One without a row here fails. */
import { describe, expect, it } from 'vitest';
import { CATALOG, driverById } from '../../device/drivers/catalog.ts';
import type { Driver } from '../../device/drivers/driver.ts';
import { driverContract, stillContract } from './driver-contract.ts';
import { CASES } from './driver-cases.ts';

it('knows every driver on a bus', () => {
  const drivers = CATALOG.filter(({ bus }) => bus !== 'machine');
  expect(Object.keys(CASES).toSorted()).toEqual(drivers.map(({ id }) => id).toSorted());
  expect(new Set(CATALOG.map(({ id }) => id)).size).toBe(CATALOG.length);
});

describe.each(Object.entries(CASES))('%s', (id, given) => {
  driverContract(driverById(id) as Driver, given);
});

describe.each(Object.entries(CASES).filter(([, { counts }]) => !counts))('%s', (id, given) => {
  stillContract(driverById(id) as Driver, given);
});
