/** A sensor on a test's clock: its grid, its gaps, its faults. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { OpenSensor, Driver } from '../../../device/drivers/driver.ts';
import { startSupervisor } from '../../../device/otp/supervisor.ts';
import { Ticker } from '../../../device/otp/ticker.ts';
import { busMissing } from '../../../device/bus/bus.ts';
import { startSensor, type SensorActorOptions } from '../../../device/sensors/sensor-actor.ts';
import type { SensorState } from '../../../src/shared/device-contract.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { qualityName } from '../../../src/shared/reading.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { machineOf } from '../../support/machine.ts';

let clock: FakeClock;
let ticker: Ticker;
let readings: { at: number; channel: number; value: number; quality: string }[];
let states: SensorState[];
let opened: number;

beforeEach(() => {
  clock = new FakeClock();
  ticker = new Ticker(clock);
  readings = [];
  states = [];
  opened = 0;
});

/** A driver with one channel, plausible from 0 to 100, that answers as `read` says. */
function options(read: OpenSensor['read'], more: Partial<SensorActorOptions> = {}): SensorActorOptions {
  const driver: Driver = {
    id: 'test',
    title: 'Test',
    bus: 'machine',
    addresses: [],
    periodMs: 1000,
    channels: () => [{ channel: 'c', quantity: 'temperature', decimals: 1, plausible: [0, 100] }],
    async open() {
      opened++;
      return { read };
    },
  };
  return {
    config: { id: 'x', driver: 'test', options: {} },
    driver,
    bus: null,
    machine: machineOf({}),
    ticker,
    firstMs: 0,
    outlet: {
      register: (channels) => channels.map((_, i) => i),
      record: (channel, at, value, quality) =>
        void readings.push({ channel, at, value, quality: qualityName(quality) }),
      report: (state) => void states.push(state),
    },
    ...more,
  };
}

const qualities = () => readings.map(({ quality }) => quality);
const nack = new MusterError('BUS_NACK', 'nothing answers', {});

describe('a sensor', () => {
  it.each([
    [10_000, 1000],
    [1000, 1000],
    [300, 1200],
  ])(
    'of a period of %i ms whose driver does not answer is said to fail after %i ms',
    async (periodMs, ms) => {
      const config = { id: 'x', driver: 'test', options: {}, periodMs };
      startSensor(options(() => new Promise(() => {}), { config }));
      await clock.advance(ms - 1);
      expect(states).toEqual([]);
      await clock.advance(1);
      expect(states).toMatchObject([{ state: 'failing', lastError: `no answer in ${ms} ms` }]);
      expect(qualities()).toEqual(['missing']);
    },
  );

  it('asks on a grid that does not drift, however long an answer takes', async () => {
    startSensor(
      options(
        (values) =>
          new Promise((resolve) => {
            clock.after(137, () => {
              values[0] = 20;
              resolve();
            });
          }),
      ),
    );
    await clock.advance(100_000);
    expect(readings).toHaveLength(100);
    const late = readings.map(({ at }, i) => at - i * 1000);
    expect(Math.max(...late) - Math.min(...late)).toBeLessThanOrEqual(10);
  });

  it('marks what is not plausible as suspect, and what is no number as missing', async () => {
    const answers = [50, 0, 100, 100.1, -0.1, Number.POSITIVE_INFINITY, Number.NaN];
    let n = 0;
    startSensor(options((values) => void (values[0] = answers[n++] ?? 1)));
    await clock.advance(6500);
    expect(qualities()).toEqual(['ok', 'ok', 'ok', 'suspect', 'suspect', 'suspect', 'missing']);
  });

  it('records every failed asking as missing, sets the chip up anew, and says when it is well again', async () => {
    let broken = false;
    startSensor(
      options((values) => {
        if (broken) throw nack;
        values[0] = 20;
      }),
    );
    await clock.advance(1500);
    broken = true;
    await clock.advance(3000);
    broken = false;
    await clock.advance(2000);
    expect(qualities()).toEqual(['ok', 'ok', 'missing', 'missing', 'missing', 'ok', 'ok']);
    expect(readings.slice(2, 5).every(({ value }) => Number.isNaN(value))).toBe(true);
    expect(states.map(({ state, lastError }) => [state, lastError])).toEqual([
      ['ok', null],
      ['failing', 'nothing answers'],
      ['ok', null],
    ]);
    expect(opened).toBe(4);
  });

  it('gives up on an answer that does not come, and drops it when it comes after all', async () => {
    const late: (() => void)[] = [];
    let slow = true;
    startSensor(
      options((values) => {
        if (!slow) return void (values[0] = 21);
        return new Promise((resolve) => {
          late.push(() => {
            values[0] = 99;
            resolve();
          });
        });
      }),
    );
    await clock.advance(2100);
    expect(qualities()).toEqual(['missing', 'missing']);
    expect(states.at(-1)).toMatchObject({
      state: 'failing',
      lastError: expect.stringContaining('no answer'),
    });
    slow = false;
    await clock.advance(1000);
    for (const come of late) come();
    await clock.advance(1000);
    expect(readings.map(({ value }) => value)).toEqual([Number.NaN, Number.NaN, Number.NaN, 21, 21]);
    expect(states.at(-1)).toMatchObject({ state: 'ok' });
  });

  it('without its bus fails with the reason and records the gap', async () => {
    startSensor(options(() => {}, { bus: busMissing('i2c-7') }));
    await clock.advance(2500);
    expect(qualities()).toEqual(['missing', 'missing', 'missing']);
    expect(states).toEqual([
      expect.objectContaining({ state: 'failing', lastError: 'there is no bus i2c-7' }),
    ]);
    expect(opened).toBe(0);
  });

  it('ends on a fault of the driver itself; its supervisor starts it anew and the others do not notice', async () => {
    let faults = 0;
    const bad = options((values) => {
      if (clock.monotonic() > 1500 && clock.monotonic() < 60_000) {
        faults++;
        throw new TypeError('undefined is not a function');
      }
      values[0] = 1;
    });
    const good = options((values) => void (values[0] = 2));
    good.outlet.register = () => [5];
    const supervisor = await startSupervisor(
      {
        intensity: 3,
        periodMs: 60_000,
        backoff: { firstMs: 200, capMs: 5000 },
        giveUp: { retryMs: 30_000 },
        children: [
          { id: 'bad', start: () => startSensor(bad) },
          { id: 'good', start: () => startSensor(good) },
        ],
      },
      { path: 'sensors', clock, random: () => 0 },
    );
    await clock.advance(100_000);
    expect(faults).toBeGreaterThanOrEqual(4);
    const row = supervisor.rows().find(({ path }) => path === 'sensors/bad');
    expect(row?.restarts).toBeGreaterThanOrEqual(4);
    expect(row?.state).toBe('running');
    expect(row?.lastCause).toContain('undefined is not a function');
    const of = (channel: number) => readings.filter((reading) => reading.channel === channel);
    expect(of(5)).toHaveLength(101);
    expect(of(0).at(-1)).toMatchObject({ value: 1, quality: 'ok' });
    expect(of(0).some(({ quality }) => quality === 'missing')).toBe(true);
    supervisor.shutdown();
    await clock.advance(1);
    expect(await supervisor.exited).toMatchObject({ kind: 'shutdown' });
    expect(states.at(-1)).toMatchObject({ state: 'stopped' });
  });
});
