/** Metrics, read by a parser of its own: escaping, units, quality, health. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { exposition } from '../../../device/publish/exposition.ts';
import type { Reading } from '../../../device/publish/parcel.ts';
import { QUANTITIES, QUANTITY_NAMES, type Quantity } from '../../../src/shared/quantity.ts';
import { readExposition } from '../../support/read-exposition.ts';

const device = { id: 'd', name: 'Greenhouse', hostname: 'pi', model: 'm', serial: '' };
const reading = (quantity: Quantity, value: number, names: Partial<Reading['channel']> = {}): Reading => ({
  channel: {
    index: 0,
    sensor: 'air',
    sensorName: 'Air',
    driver: 'd',
    channel: 'c',
    quantity,
    unit: QUANTITIES[quantity].unit,
    decimals: 1,
    periodMs: 1000,
    ...names,
  },
  at: 1_763_848_320_500,
  clock: 'ntp',
  value,
  quality: Number.isNaN(value) ? 'missing' : 'ok',
});

it('labels of any text come back as they were', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.double(), (sensorName, value) => {
      const families = readExposition(
        exposition(device, [reading('temperature', value, { sensorName })], null),
      );
      const [sample] = families['muster_temperature_celsius']?.samples ?? [];
      expect(sample?.labels).toEqual({ sensor: 'air', channel: 'c', name: sensorName });
      expect(sample?.value).toBe(value === 0 ? 0 : value);
    }),
  );
});

it.each([
  ['humidity', 41.5, 'muster_humidity_ratio', 0.415],
  ['co2', 412, 'muster_co2_ratio', 0.000412],
  ['rain', 2.5, 'muster_rain_meters', 0.0025],
  ['rainRate', 36, 'muster_rain_rate_meters_per_second', 0.00001],
  ['volume', 12, 'muster_volume_cubic_meters', 0.012],
  ['pressure', 101_325, 'muster_pressure_pascals', 101_325],
] as const)('%s is given in base units', (quantity, value, name, expected) => {
  const families = readExposition(exposition(device, [reading(quantity, value)], null));
  expect(families[name]?.samples[0]?.value).toBeCloseTo(expected, 12);
});

it('has a metric for every quantity, each of its own', () => {
  const families = readExposition(
    exposition(
      device,
      QUANTITY_NAMES.map((name) => reading(name, 1)),
      null,
    ),
  );
  const own = Object.keys(families).filter((name) => !/^muster_(?:up|device_info|reading_)/.test(name));
  expect(own).toHaveLength(QUANTITY_NAMES.length);
});

it('says what is missing, when a reading was taken, and that the daemon cannot say how it does', () => {
  const families = readExposition(exposition(device, [reading('load', Number.NaN)], null));
  expect(families['muster_load']?.samples[0]?.value).toBeNaN();
  expect(families['muster_reading_quality']?.samples[0]?.value).toBe(3);
  expect(families['muster_reading_timestamp_seconds']?.samples[0]?.value).toBe(1_763_848_320.5);
  expect(families['muster_up']?.samples[0]?.value).toBe(0);
});
