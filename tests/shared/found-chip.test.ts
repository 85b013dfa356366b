/** What a look found: told in words, and written into the document of the device. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../device/config.ts';
import type { BusRow, Found, PlainSensor } from '../../src/shared/device-scan-calls.ts';
import { isAddable, lookText, withChips, type Choice } from '../../src/shared/found-chip.ts';

const known: BusRow = { bus: 'i2c-1', kind: 'i2c', device: '/dev/i2c-1', configured: true };
const fresh: BusRow = { ...known, configured: false };
const bme280 = { driver: 'bme280', title: 'BME280 air' };
const chip = { ...bme280, sure: true };
const found = (more: Partial<Found> = {}): Found => ({
  place: '0x76',
  chips: [chip],
  heldBy: null,
  sensors: [],
  ...more,
});
const measured = found({ sensors: [{ sensor: 'air', name: 'Air', driver: 'bme280' }] });

describe('what was found', () => {
  it.each([
    [[], 'Nobody answers.'],
    [[found()], '1 chip found, not measured yet.'],
    [[found(), found()], '2 chips found, not measured yet.'],
    [[found(), measured, measured], '3 chips found, 1 of them not measured yet.'],
    [[measured], '1 chip found, measured already.'],
    [[measured, found({ heldBy: 'a driver of the kernel' })], '2 chips found, all measured already.'],
  ])('is counted in words: %#', (rows, words) => {
    expect(lookText('i2c', rows, null)).toBe(words);
  });

  it('is told with what else is to be said of such a bus', () => {
    expect(lookText('mqtt', [found()], 'Others sleep.')).toBe(
      '1 device found, not measured yet. Others sleep.',
    );
    expect(lookText('spi', [], 'Nobody says so here.')).toBe('Nobody says so here.');
  });

  it('can be added where it is nobody else’s and somebody knows it', () => {
    expect([found(), measured, found({ heldBy: 'x' }), found({ chips: [] })].map(isAddable)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

const added = (text: string, ...rest: [Choice[], PlainSensor[] | null]) =>
  withChips({ text, byFirmware: false }, ...rest);

describe('a chip that is added', () => {
  it('comes into an empty document with its bus, and ends nothing that was measured without being named', () => {
    const byItself = [
      { id: 'load', name: 'Processor load', driver: 'load', options: {} },
      { id: 'hwmon-rtc', name: 'rtc', driver: 'hwmon', options: { chip: 'rtc' } },
    ];
    const text = added('', [{ bus: fresh, place: '0x76', chip: bme280 }], byItself);
    const config = parseConfig(text);
    expect(config.buses).toMatchObject([{ id: 'i2c-1', kind: 'i2c', device: '/dev/i2c-1' }]);
    expect(config.sensors).toEqual([
      { id: 'load', name: 'Processor load', driver: 'load', options: {} },
      { id: 'hwmon-rtc', name: 'rtc', driver: 'hwmon', options: { chip: 'rtc' } },
      { id: 'bme280', name: 'BME280 air', driver: 'bme280', bus: 'i2c-1', address: 0x76, options: {} },
    ]);
    expect(text).toContain('address: 0x76');
  });

  it('comes behind what is there, under an id that is free; every other line stays', () => {
    const before = `version: 1
# the station by the gate
buses:
  - { id: i2c-1, kind: i2c, device: /dev/i2c-1 } # header
sensors:
  - id: bme280 # the old one
    driver: bme280
    bus: i2c-1
outputs: []
`;
    const text = added(
      before,
      [
        { bus: known, place: '0x77', chip: bme280 },
        { bus: known, place: '0x48', chip: { driver: 'tmp102', title: 'TMP102 temperature' } },
      ],
      null,
    );
    for (const line of before.split('\n')) expect(text.split('\n')).toContain(line);
    expect(parseConfig(text).sensors?.slice(1)).toEqual([
      {
        id: 'bme280-2',
        name: 'BME280 air (0x77)',
        driver: 'bme280',
        bus: 'i2c-1',
        address: 0x77,
        options: {},
      },
      {
        id: 'tmp102',
        name: 'TMP102 temperature',
        driver: 'tmp102',
        bus: 'i2c-1',
        address: 0x48,
        options: {},
      },
    ]);
    expect(parseConfig(text).buses).toHaveLength(1);
  });

  it('on 1-Wire is named by its number', () => {
    const w1: BusRow = { bus: 'w1', kind: 'w1', device: null, configured: false };
    const chip = { driver: 'ds18b20', title: 'DS18B20 temperature' };
    const config = parseConfig(added('version: 1\n', [{ bus: w1, place: '28-0316a2797f3c', chip }], []));
    expect(config.buses).toMatchObject([{ id: 'w1', kind: 'w1' }]);
    expect(config.sensors).toMatchObject([{ bus: 'w1', options: { device: '28-0316a2797f3c' } }]);
  });

  it('is refused where the document cannot be read, or is not what decides', () => {
    const choices = [{ bus: known, place: '0x76', chip: bme280 }];
    expect(() => added('version: [1\n', choices, null)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
    expect(() => withChips({ text: '', byFirmware: true }, choices, null)).toThrow(
      expect.objectContaining({ code: 'REFUSED' }),
    );
  });
});
