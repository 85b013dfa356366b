/**
 * What every driver on a bus must do, on a simulated bus with a test's clock: declare itself well, read what the world
 * holds at the low end, in the middle and at the high end of each channel, and fail with a code when the chip does not
 * answer, or answers nonsense, never with a made-up value.
 */
import { expect, it } from 'vitest';
import type { ChannelDeclaration, Driver, OpenSensor } from '../../device/drivers/driver.ts';
import { isErrorCode, MusterError } from '../../src/shared/errors.ts';
import { driverBench, type DriverBench } from '../support/driver-bench.ts';
import { settle } from '../support/fake-clock.ts';

/** Where the simulated world puts a channel, and how near the driver must come. */
export interface ContractCase {
  /** Channel → what the sim calls it, the values to try, and the tolerance of the chip's own steps. */
  channels: Record<
    string,
    {
      world: string;
      values: [low: number, middle: number, high: number];
      /** Of the three, or of each. */
      within: number | [number, number, number];
      /** How far it may move between readings while the world stands still, since it learns. Default: not at all. */
      drifts?: number;
      /** Value that the channel shows for one of the world. Default: the same. */
      shows?: (world: number) => number;
    }
  >;
  options?: Record<string, unknown>;
  /** What the world holds beside the quantity that a channel is tried with. */
  holds?: Record<string, number>;
  /** Simulated chip. Default: the driver's id. */
  sim?: string;
  /** How long after it was set up the chip has measured what the world holds, ms. */
  settleMs?: number;
  /** How many readings, a second apart, it learns from before every channel has a value. */
  learns?: number;
  /** Every answer to a reading carries a checksum, or says its value twice: one turned bit is noticed. */
  checked?: boolean;
  /** It measures edges since the last asking: the world may stand still, time goes on. */
  counts?: boolean;
  /** It speaks by itself, so that what it said last may be newer than what was read last. */
  speaks?: boolean;
}

/** How a fault of the chip or the wire may end. */
const FAULTS = new Set(['BUS_NACK', 'BUS_MISSING', 'DRIVER_CHECKSUM', 'CHIP_UNEXPECTED', 'TIMEOUT']);

/** What `work` fails with; the values where it does not. */
async function outcome<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof MusterError && isErrorCode(error.code)) return error.code;
    throw error;
  }
}

/** Reads what was said before. */
async function said(here: DriverBench, sensor: OpenSensor): Promise<void> {
  expect(await outcome(here.read(sensor))).not.toBeTypeOf('string');
}

interface Setting {
  declared: readonly ChannelDeclaration[];
  bench: () => DriverBench;
  /** A sensor that has measured what its world holds. */
  measured: (here: DriverBench) => Promise<OpenSensor>;
}

function setting(driver: Driver, given: ContractCase): Setting {
  return {
    declared: driver.channels({ machine: undefined as never, options: given.options ?? {} }),
    bench: () => driverBench(driver, given),
    async measured(here) {
      const sensor = await here.open();
      await here.clock.advance(given.settleMs ?? 0);
      for (let n = 0; n < (given.learns ?? 0); n++) await here.read(sensor);
      return sensor;
    },
  };
}

/** Runs the suite for one driver. */
export function driverContract(driver: Driver, given: ContractCase): void {
  const { declared, bench, measured } = setting(driver, given);
  const names = declared.map(({ channel }) => channel);

  it('declares channels that can be', () => {
    expect(declared.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(declared.length);
    for (const { decimals, plausible, restlessMs } of declared) {
      expect(decimals).toBeGreaterThanOrEqual(0);
      expect(decimals).toBeLessThanOrEqual(9);
      expect(plausible[0]).toBeLessThan(plausible[1]);
      expect(restlessMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(10 * driver.periodMs);
    }
    expect(driver.addresses.length > 0).toBe(driver.bus === 'i2c');
    for (const at of driver.addresses) {
      expect(at).toBeGreaterThanOrEqual(0x08);
      expect(at).toBeLessThanOrEqual(0x77);
    }
    expect(Object.keys(given.channels)).toEqual(names);
  });

  for (const [index, { channel, plausible }] of declared.entries())
    for (const [place, at] of [
      ['low', 0],
      ['middle', 1],
      ['high', 2],
    ] as const)
      it(`reads ${channel} at the ${place} of its range`, async () => {
        const {
          world,
          values,
          within: near,
          shows = (v: number) => v,
        } = given.channels[channel] as ContractCase['channels'][string];
        const within = typeof near === 'number' ? near : near[at];
        const wanted = shows(values[at]);
        const here = bench();
        for (const [other, value] of Object.entries(given.holds ?? {})) here.chip.hold(other, value);
        here.chip.hold(world, values[at]);
        const { values: read } = await here.read(await measured(here));
        expect(Math.abs((read[index] ?? Number.NaN) - wanted)).toBeLessThanOrEqual(within);
        expect(read[index]).toBeGreaterThanOrEqual(plausible[0] - within);
        expect(read[index]).toBeLessThanOrEqual(plausible[1] + within);
      });

  it('fails with a code when the chip is not there, and when it is pulled', async () => {
    const here = bench();
    here.chip.knobs.unplugged = true;
    expect(await outcome(here.open())).toMatch(/^BUS_/);
    here.chip.knobs.unplugged = false;
    const sensor = await measured(here);
    here.chip.knobs.unplugged = true;
    if (given.speaks) await said(here, sensor);
    expect(await outcome(here.read(sensor))).toMatch(/^BUS_/);
  });

  it('works again after it was plugged back and set up anew', async () => {
    const here = bench();
    (await here.open()).close?.();
    here.chip.knobs.unplugged = true;
    expect(await outcome(here.open())).toBeTypeOf('string');
    here.chip.knobs.unplugged = false;
    const { values } = await here.read(await measured(here));
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it('waits without a value while the chip holds the bus', async () => {
    const here = bench();
    const sensor = await measured(here);
    here.chip.knobs.hanging = true;
    if (given.speaks) await said(here, sensor);
    let ended = false;
    const values = new Float64Array(declared.length).fill(Number.NaN);
    const work = Promise.resolve(sensor.read(values, new Uint8Array(declared.length)));
    work.finally(() => (ended = true)).catch(() => {});
    await here.clock.advance(60_000);
    await settle();
    expect(ended).toBe(false);
    expect([...values].every(Number.isNaN)).toBe(true);
  });

  it('reads right or fails with a code while every third byte goes without acknowledge', async () => {
    const here = bench();
    const sensor = await measured(here);
    here.chip.knobs.stuck = !given.counts;
    const { values: truth } = await here.read(sensor);
    here.chip.knobs.nackEvery = 3;
    const made: unknown[] = [];
    for (let i = 0; i < 12; i++) {
      const got = await outcome(here.read(sensor));
      const isTrue = typeof got !== 'string' && (given.counts || same(got.values, truth, given));
      if (!isTrue && !FAULTS.has(got as string)) made.push(got);
    }
    expect(made).toEqual([]);
    here.chip.knobs.nackEvery = 0;
    sensor.close?.();
    const { values } = await here.read(await measured(here));
    expect(values.every(Number.isFinite)).toBe(true);
  });
}

/** For drivers whose chips prove what they say. */
export function checksumContract(driver: Driver, given: ContractCase): void {
  const { bench, measured } = setting(driver, given);

  it('takes no answer with a turned bit for a reading', async () => {
    const here = bench();
    const sensor = await measured(here);
    here.chip.knobs.stuck = true;
    const { values: truth } = await here.read(sensor);
    let noticed = 0;
    const made: unknown[] = [];
    for (let bit = 0; bit < 72; bit++) {
      await here.clock.advance(given.settleMs ?? 0);
      here.chip.knobs.flipBit = bit;
      const got = await outcome(here.read(sensor));
      if (got === 'DRIVER_CHECKSUM') noticed++;
      // a bit behind the end of the answer, or one that carries nothing
      const isTrue = typeof got !== 'string' && same(got.values, truth, given);
      if (!isTrue && !FAULTS.has(got as string)) made.push([bit, got]);
    }
    expect(made).toEqual([]);
    expect(noticed).toBeGreaterThanOrEqual(16);
  });
}

/** For drivers that ask for a state, and do not count what happened. */
export function stillContract(driver: Driver, given: ContractCase): void {
  const { bench, measured } = setting(driver, given);

  it('gives the same value again while the world is stuck', async () => {
    const here = bench();
    const sensor = await measured(here);
    const { values: first } = await here.read(sensor);
    here.chip.knobs.stuck = true;
    await here.clock.advance(3_600_000);
    expect((await here.read(sensor)).values).toEqual(first);
  });
}

/** True when two readings of a world that stands still are of one piece. */
function same(a: readonly number[], b: readonly number[], { channels }: ContractCase): boolean {
  const cases = Object.values(channels);
  return a.every((value, i) => {
    const drifts = cases[i]?.drifts ?? 0;
    return Object.is(value, b[i]) || Math.abs(value - (b[i] as number)) <= drifts;
  });
}

/** For a driver that can tell its chip from others: `others` are simulated chips that can stand at its addresses. */
export function identityContract(driver: Driver, given: ContractCase, others: readonly string[]): void {
  it.each(others)('refuses to take a %s for its own', async (sim) => {
    const here = driverBench(driver, { ...given, sim });
    const got = await outcome(here.open().then((sensor) => here.read(sensor)));
    expect(FAULTS).toContain(got);
  });
}
