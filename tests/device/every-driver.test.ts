/** Every driver of the catalog at once, in the daemon as a process with a host a bus, over simulated chips. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CATALOG } from '../../device/drivers/catalog.ts';
import { qualityName } from '../../src/shared/reading.ts';
import type { Cursor } from '../../src/shared/reading.ts';
import { CASES } from '../contracts/driver-cases.ts';
import { TestPrefix, unpack } from '../support/daemon-process.ts';

/** Addresses that no two of the chips share. */
const ADDRESS: Record<string, number> = {
  ads1115: 0x4b,
  aht20: 0x38,
  bh1750: 0x23,
  bme280: 0x76,
  bmp280: 0x77,
  ina219: 0x40,
  ina226: 0x41,
  lm75: 0x4c,
  mcp9808: 0x18,
  scd4x: 0x62,
  sgp40: 0x59,
  sht3x: 0x44,
  sht4x: 0x45,
  tmp102: 0x48,
  tmp105: 0x49,
  veml7700: 0x10,
};
/** Drivers that hear MQTT; all of one simulated broker. */
const HEARING = CATALOG.flatMap(({ id, bus }) => (bus === 'mqtt' ? [id] : []));
const ROM = '28-0316a2797f3c';

const sensors = [
  ...Object.entries(ADDRESS).map(([id, address]) => ({ id, driver: id, bus: 'i2c-1', address })),
  { id: 'mcp3008', driver: 'mcp3008', bus: 'spi' },
  { id: 'ds18b20', driver: 'ds18b20', bus: 'wire' },
  ...HEARING.map((id) => ({ id, driver: id, bus: 'broker', options: CASES[id]?.options })),
  { id: 'serial-lines', driver: 'serial-lines', bus: 'serial', options: CASES['serial-lines']?.options },
  { id: 'modbus-map', driver: 'modbus-map', bus: 'modbus', options: CASES['modbus-map']?.options },
  { id: 'gpio-input', driver: 'gpio-input', bus: 'gpio', options: { line: 4 } },
  {
    id: 'pulse-counter',
    driver: 'pulse-counter',
    bus: 'gpio',
    options: { line: 5, kind: 'rain', perPulse: 0.2794 },
  },
].map((row) =>
  Object.assign(
    row,
    // so that what it measures every five seconds is found soon
    row.id === 'scd4x' && { periodMs: 1000 },
    row.id === 'sgp40' && { options: { humidity: 'sht4x/humidity', temperature: 'sht4x/temperature' } },
    row.id === 'lm75' && {
      calibration: [
        {
          channel: 'temperature',
          by: 'Ada',
          at: '2026-05-03',
          points: [
            [0, 0.5],
            [100, 99],
          ],
        },
      ],
    },
  ),
);

const CONFIG = {
  version: 1,
  name: 'all',
  buses: [
    {
      id: 'i2c-1',
      kind: 'sim',
      chips: Object.entries(ADDRESS).map(([chip, address]) => ({ chip, address })),
    },
    { id: 'spi', kind: 'sim-spi', chips: [{ chip: 'mcp3008' }] },
    { id: 'wire', kind: 'sim-w1', chips: [{ chip: 'ds18b20', rom: ROM }] },
    { id: 'serial', kind: 'sim-serial', chips: [{ chip: 'printer' }] },
    {
      id: 'broker',
      kind: 'sim-mqtt',
      chips: HEARING.filter((id) => CASES[id]?.sim === undefined).map((chip) => ({ chip })),
    },
    { id: 'modbus', kind: 'sim-modbus', chips: [{ chip: 'meter', unit: 1 }] },
    {
      id: 'gpio',
      kind: 'sim-gpio',
      chips: [
        { chip: 'switch', line: 4 },
        { chip: 'pulses', line: 5 },
      ],
    },
  ],
  sensors,
};

/** Not there for its first 45 s: tests/device/drivers/sgp40.test.ts waits for it. */
const LATE = 'sgp40/voc-index';

let prefix: TestPrefix;
beforeEach(() => {
  prefix = new TestPrefix();
  // JSON is YAML
  prefix.config(JSON.stringify(CONFIG));
});
afterEach(() => prefix.remove());

it('every one gives good readings of each of its channels', { timeout: 90_000 }, async () => {
  expect(sensors.map(({ id }) => id).toSorted()).toEqual(
    CATALOG.flatMap(({ id, bus }) => (bus === 'machine' ? [] : [id])).toSorted(),
  );
  await prefix.run();
  const client = await prefix.connect();
  const good = new Set<number>();
  let after: Cursor | null = null;
  const wanted = CATALOG.filter(({ bus }) => bus !== 'machine').reduce(
    (sum, driver) =>
      sum + driver.channels({ machine: undefined as never, options: CASES[driver.id]?.options ?? {} }).length,
    0,
  );
  const deadline = Date.now() + 60_000;
  while (good.size < wanted - 1 && Date.now() < deadline) {
    const answer = await client.call.pull({ after, maxBytes: 1_000_000, waitMs: 2000 });
    for (const { run, batch, data } of answer.batches) {
      after = { run, batch };
      const { channel, quality } = unpack(data);
      for (const [i, number] of channel.entries())
        if (qualityName(quality[i] as number) === 'ok') good.add(number);
    }
  }
  const { runs } = await client.call.runs({ from: 1 });
  const channels = runs[0]?.channels ?? [];
  const bad = channels
    .filter(({ index }) => !good.has(index))
    .map(({ sensor, channel }) => `${sensor}/${channel}`);
  expect(bad).toEqual([LATE]);
  expect(channels).toHaveLength(wanted);
  // what was put right says so
  const calibrated = channels.filter(({ calibration }) => calibration);
  expect(calibrated.map(({ sensor }) => sensor)).toEqual(['lm75']);
  expect(calibrated[0]?.calibration).toMatchObject({
    by: 'Ada',
    offset: 0.5,
    scale: expect.closeTo(0.985, 9),
  });
});
