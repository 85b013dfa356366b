/** What Home Assistant is told, and when it is taken back. */
import * as fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Announced } from '../../../device/publish/announced.ts';
import { announcementOf } from '../../../device/publish/home-assistant.ts';
import { QUANTITIES, QUANTITY_NAMES } from '../../../src/shared/quantity.ts';

const device = {
  id: '51f2f37f-38a9-40cd-8f6a-c63b54f6b745',
  name: 'Green house',
  hostname: 'pi',
  model: 'Raspberry Pi Zero 2 W',
  serial: '00ff',
};
const channel = {
  index: 0,
  sensor: 'air',
  sensorName: 'Air',
  driver: 'sht4x',
  channel: 'humidity',
  quantity: 'humidity' as const,
  unit: '%RH',
  decimals: 1,
  periodMs: 10_000,
};
const announced = (over: Partial<Parameters<typeof announcementOf>[3]> = {}) => {
  const { topic, payload } = announcementOf('homeassistant', 'muster', device, { ...channel, ...over });
  return { topic, payload: JSON.parse(payload) as Record<string, unknown> };
};

/** Classes that are used here with the units they take: homeassistant/components/sensor/const.py, DEVICE_CLASS_UNITS. */
const UNITS: Record<string, string | undefined> = {
  temperature: '°C',
  humidity: '%',
  pressure: 'Pa',
  illuminance: 'lx',
  voltage: 'V',
  current: 'A',
  power: 'W',
  data_size: 'B',
  duration: 's',
  carbon_dioxide: 'ppm',
  ph: undefined,
  moisture: '%',
  volume: 'L',
  precipitation: 'mm',
  precipitation_intensity: 'mm/h',
  speed: 'm/s',
  distance: 'm',
  frequency: 'Hz',
};

describe('an announcement', () => {
  it('names entity, topics, device and when it is not to be believed any more', () => {
    expect(announced()).toEqual({
      topic: 'homeassistant/sensor/muster_51f2f37f-38a9-40cd-8f6a-c63b54f6b745/air_humidity/config',
      payload: {
        name: 'Air Relative humidity',
        unique_id: 'muster_51f2f37f-38a9-40cd-8f6a-c63b54f6b745_air_humidity',
        state_topic: 'muster/Green:20house-51f2/air/humidity',
        json_attributes_topic: 'muster/Green:20house-51f2/air/humidity',
        value_template: '{{ value_json.v }}',
        availability_topic: 'muster/Green:20house-51f2/status',
        expire_after: 110,
        suggested_display_precision: 1,
        device_class: 'humidity',
        unit_of_measurement: '%',
        state_class: 'measurement',
        device: {
          identifiers: ['muster_51f2f37f-38a9-40cd-8f6a-c63b54f6b745'],
          name: 'Green house',
          model: 'Raspberry Pi Zero 2 W',
          serial_number: '00ff',
          sw_version: expect.any(String),
        },
        origin: { name: 'Muster', sw_version: expect.any(String) },
      },
    });
  });

  it.each(QUANTITY_NAMES)('gives %s a class only with a unit that the class takes', (quantity) => {
    const { payload } = announced({ quantity, unit: QUANTITIES[quantity].unit });
    const { device_class: named = 'none', unit_of_measurement: unit, state_class: kind } = payload;
    const units = { ...UNITS, none: unit };
    expect(Object.keys(units)).toContain(named);
    expect(unit).toBe(units[named as keyof typeof units]);
    // a volume that is measured has no place in statistics (DEVICE_CLASS_STATE_CLASSES)
    expect(named === 'volume' && kind === 'measurement').toBe(false);
  });

  it('has a topic that discovery takes, and one of its own for every channel', () => {
    const name = fc
      .string({ minLength: 1, maxLength: 40, unit: 'binary' })
      .filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(name, name, (a, b) => {
        const [one, other] = [announced({ channel: a }), announced({ channel: b })];
        expect(one.topic).toMatch(/^homeassistant\/sensor\/[A-Za-z0-9_-]+\/[A-Za-z0-9_-]+\/config$/);
        expect(one.topic === other.topic).toBe(a === b);
        expect(one.payload['unique_id'] === other.payload['unique_id']).toBe(a === b);
      }),
    );
  });
});

describe('what was announced', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-announced-'));
    path = join(folder, 'publishers/p.announced.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is known after a restart, and out of date when its sensor is gone or another chip', () => {
    const before = new Announced(path);
    before.note('air', { sensor: 'air', driver: 'sht4x' });
    before.note('soil', { sensor: 'soil', driver: 'ads1115' });
    before.note('sky', { sensor: 'sky', driver: 'bh1750' });
    const after = new Announced(path);
    expect(after.outdated({ air: 'sht4x', soil: 'aht20' })).toEqual(['soil', 'sky']);
    after.forget(['soil', 'sky']);
    expect(new Announced(path).outdated({})).toEqual(['air']);
  });

  it('is nothing when its file is broken', () => {
    new Announced(path).note('air', { sensor: 'air', driver: 'sht4x' });
    writeFileSync(path, '[');
    expect(new Announced(path).outdated({})).toEqual([]);
  });
});
