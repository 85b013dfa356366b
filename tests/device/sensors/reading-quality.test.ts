/** What is said of a value beside its number: stuck, stale, power-on, calibrated, another sensor's. */
import { beforeEach, describe, expect, it } from 'vitest';
import type {
  ChannelDeclaration,
  Driver,
  DriverContext,
  OpenSensor,
} from '../../../device/drivers/driver.ts';
import { Ticker } from '../../../device/otp/ticker.ts';
import { Latest } from '../../../device/sensors/latest.ts';
import { startSensor, type SensorActorOptions } from '../../../device/sensors/sensor-actor.ts';
import { Stillness } from '../../../device/sensors/stillness.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { qualityByte, qualityName, type ChannelInfo } from '../../../src/shared/reading.ts';
import { driverById } from '../../../device/drivers/catalog.ts';
import { driverBench } from '../../support/driver-bench.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { machineOf } from '../../support/machine.ts';

let clock: FakeClock;
let readings: { value: number; quality: string }[];
let channels: Omit<ChannelInfo, 'index'>[];
let closed: number;

beforeEach(() => {
  clock = new FakeClock();
  readings = [];
  channels = [];
  closed = 0;
});

interface Given {
  read: OpenSensor['read'];
  declared?: Partial<ChannelDeclaration>;
  open?: (context: DriverContext) => void;
}

/** A sensor `x` with one channel `c`, plausible from 0 to 100, asked every second. */
function sensor({ read, declared = {}, open = () => {} }: Given, more: Partial<SensorActorOptions> = {}) {
  const driver: Driver = {
    id: 'test',
    title: 'Test',
    bus: 'machine',
    addresses: [],
    periodMs: 1000,
    channels: () => [
      { channel: 'c', quantity: 'temperature', decimals: 1, plausible: [0, 100], ...declared },
    ],
    async open(context) {
      open(context);
      return { read, close: () => void closed++ };
    },
  };
  return startSensor({
    config: { id: 'x', driver: 'test', options: {} },
    driver,
    bus: null,
    machine: machineOf({}),
    ticker: new Ticker(clock),
    firstMs: 0,
    outlet: {
      register(rows) {
        channels.push(...rows);
        return rows.map((_, i) => i);
      },
      record: (_channel, _at, value, quality) => void readings.push({ value, quality: qualityName(quality) }),
      report: () => {},
    },
    ...more,
  });
}

const qualities = () => readings.map(({ quality }) => quality);

describe('a channel that should move', () => {
  const still: Given = { read: (values) => void (values[0] = 20), declared: { restlessMs: 5000 } };

  it('is suspect once it has stood still for too long, and good again when it moves', async () => {
    let value = 20;
    sensor({ ...still, read: (values) => void (values[0] = value) });
    await clock.advance(7500);
    expect(qualities()).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'suspect', 'suspect']);
    value = 20.01;
    await clock.advance(1000);
    expect(qualities().at(-1)).toBe('ok');
  });

  it('is still stuck after the chip was set up anew in between', async () => {
    let fails = false;
    sensor({
      ...still,
      read(values) {
        if (fails) throw new MusterError('BUS_NACK', 'nothing answers', {});
        values[0] = 20;
      },
    });
    await clock.advance(3500);
    fails = true;
    await clock.advance(1000);
    fails = false;
    await clock.advance(2000);
    expect(qualities()).toEqual(['ok', 'ok', 'ok', 'ok', 'missing', 'ok', 'suspect']);
  });

  it('may stand still where its driver does not say that it moves', async () => {
    sensor({ read: (values) => void (values[0] = 20) });
    await clock.advance(100_000);
    expect(new Set(qualities())).toEqual(new Set(['ok']));
  });

  it('begins anew after a gap in its numbers', () => {
    const stillness = new Stillness(1000);
    expect([1, 1, Number.NaN, 1, 1].map((value, i) => stillness.isStuck(value, i * 600))).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(stillness.isStuck(1, 3600)).toBe(true);
  });
});

describe('what a driver says of a value', () => {
  it('stands, unless the number is worse', async () => {
    const told = [
      [20, 'stale'],
      [20, 'suspect'],
      [200, 'stale'],
      [Number.NaN, 'ok'],
      [20, 'ok'],
    ] as const;
    let n = 0;
    sensor({
      read(values, quality) {
        const [value, name] = told[n++] ?? told[4];
        values[0] = value;
        if (name !== 'ok') quality[0] = qualityByte(name);
      },
    });
    await clock.advance(4500);
    expect(qualities()).toEqual(['stale', 'suspect', 'suspect', 'missing', 'ok']);
  });

  it('is suspect of a thermometer that says exactly what it says after power-up', async () => {
    const here = driverBench(driverById('ds18b20') as Driver);
    const thermometer = await here.open();
    here.chip.hold('temperature', 85);
    expect(await here.read(thermometer)).toEqual({ values: [85], quality: [qualityByte('suspect')] });
    here.chip.hold('temperature', 85.0625);
    expect(await here.read(thermometer)).toEqual({ values: [85.0625], quality: [qualityByte('ok')] });
  });

  it('is stale of a carbon dioxide chip that has nothing new, and nothing before its first measurement', async () => {
    const here = driverBench(driverById('scd4x') as Driver);
    const chip = await here.open();
    expect((await here.read(chip)).values).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    await here.clock.advance(5000);
    here.chip.hold('co2', 700);
    expect(await here.read(chip)).toMatchObject({ values: [700, expect.any(Number), expect.any(Number)] });
    here.chip.hold('co2', 900);
    const again = await here.read(chip);
    expect(again.values[0]).toBe(700);
    expect(again.quality.map(qualityName)).toEqual(['stale', 'stale', 'stale']);
  });
});

describe('a calibrated channel', () => {
  const calibration = [{ channel: 'c', by: 'Ada', at: '2026-05-03', scale: 2, offset: -1 }];

  it('records what the person measured, and says so in its channel', async () => {
    sensor(
      { read: (values) => void (values[0] = 20) },
      { config: { id: 'x', driver: 'test', options: {}, calibration } },
    );
    await clock.advance(100);
    expect(readings).toEqual([{ value: 39, quality: 'ok' }]);
    expect(channels[0]?.calibration).toEqual({ scale: 2, offset: -1, by: 'Ada', at: '2026-05-03' });
  });

  it('is believed or not by what the chip said', async () => {
    const answers = [60, 101];
    sensor(
      { read: (values) => void (values[0] = answers.shift() ?? 0) },
      { config: { id: 'x', driver: 'test', options: {}, calibration } },
    );
    await clock.advance(1100);
    // 60 is plausible although 119 would not be; 101 is not
    expect(readings).toEqual([
      { value: 119, quality: 'ok' },
      { value: 201, quality: 'suspect' },
    ]);
  });

  it('says nothing of calibration where there is none', async () => {
    sensor({ read: (values) => void (values[0] = 20) });
    await clock.advance(100);
    expect(channels[0]).not.toHaveProperty('calibration');
  });
});

describe('what only one may hold', () => {
  it('is given back at each fault before it is taken again, and at the end, once', async () => {
    let fails = false;
    const actor = sensor({
      read(values) {
        if (fails) throw new MusterError('BUS_NACK', 'nothing answers', {});
        values[0] = 1;
      },
    });
    await clock.advance(500);
    expect(closed).toBe(0);
    fails = true;
    await clock.advance(1000);
    expect(closed).toBe(1);
    fails = false;
    await clock.advance(1000);
    expect(closed).toBe(1);
    actor.shutdown();
    await clock.advance(10);
    await actor.exited;
    expect(closed).toBe(2);
  });

  it('is given back when it comes after it was given up', async () => {
    let come = (): void => {};
    const late = new Promise<void>((resolve) => (come = resolve));
    sensor(
      { read: () => {} },
      {
        driver: {
          id: 'late',
          title: 'Late',
          bus: 'machine',
          addresses: [],
          periodMs: 1000,
          channels: () => [],
          async open() {
            await late;
            return { read: () => {}, close: () => void closed++ };
          },
        },
      },
    );
    await clock.advance(1500);
    come();
    await clock.advance(100);
    expect(closed).toBeGreaterThanOrEqual(1);
  });
});

describe('another sensor of the host', () => {
  it('is found by sensor and channel while its value is fresh and good', async () => {
    const latest = new Latest(clock);
    let value = 55;
    let asked: number | null = Number.NaN;
    sensor({ read: (values) => void (values[0] = value) }, { latest });
    sensor(
      {
        open: (context) => void clock.after(10, () => (asked = context.latest?.('x', 'c') ?? null)),
        read: () => {},
      },
      { latest, config: { id: 'y', driver: 'test', options: {} }, firstMs: 100 },
    );
    await clock.advance(500);
    expect(asked).toBe(55);
    value = 200;
    await clock.advance(59_000);
    expect(latest.read('x', 'c')).toBe(55);
    await clock.advance(3000);
    expect(latest.read('x', 'c')).toBeNull();
    expect(latest.read('nobody', 'c')).toBeNull();
  });
});
