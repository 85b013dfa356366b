/**
 * What every chip driver must do, on a simulated bus with a test's clock: declare itself well, read what the world
 * holds at the low end, in the middle and at the high end of each channel, and fail with a code when the chip does not
 * answer, never with a made-up value.
 */
import { expect, it } from 'vitest';
import type { ChannelDeclaration, Driver, OpenSensor } from '../../device/drivers/driver.ts';
import { createSimBus, type SimBus } from '../../device/sim/sim-bus.ts';
import type { MusterError } from '../../src/shared/errors.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Where the simulated world puts a channel, and how near the driver must come. */
export interface ContractCase {
  driver: Driver;
  /** Channel → what the sim calls it, the values to try, and the tolerance of the chip's own steps. */
  channels: Record<
    string,
    { world: string; values: [low: number, middle: number, high: number]; within: number }
  >;
}

interface Bench {
  clock: FakeClock;
  bus: SimBus;
  open: () => Promise<OpenSensor>;
}

function bench({ driver }: ContractCase): Bench {
  const clock = new FakeClock();
  const address = driver.addresses[0] ?? 0;
  const bus = createSimBus('sim', [{ chip: driver.id, address }], clock);
  const context = { bus, address, options: {}, machine: undefined as never, clock };
  return { clock, bus, open: () => through(clock, driver.open(context)) };
}

/** Lets the clock run until `work` is done: a chip's conversion times pass. */
async function through<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  work.catch(() => {});
  await clock.advance(1000);
  return work;
}

/** Runs the suite for one chip. */
export function driverContract(given: ContractCase): void {
  const { driver } = given;
  const declared = driver.channels({ machine: undefined as never, options: {} });
  const address = driver.addresses[0] ?? 0;

  it('declares channels that can be', () => {
    expect(declared.length).toBeGreaterThan(0);
    expect(new Set(declared.map(({ channel }) => channel)).size).toBe(declared.length);
    for (const { decimals, plausible } of declared) {
      expect(decimals).toBeGreaterThanOrEqual(0);
      expect(decimals).toBeLessThanOrEqual(9);
      expect(plausible[0]).toBeLessThan(plausible[1]);
    }
    for (const at of driver.addresses) {
      expect(at).toBeGreaterThanOrEqual(0x08);
      expect(at).toBeLessThanOrEqual(0x77);
    }
    expect(Object.keys(given.channels)).toEqual(declared.map(({ channel }: ChannelDeclaration) => channel));
  });

  for (const [index, { channel, plausible }] of declared.entries())
    for (const [place, at] of [
      ['low', 0],
      ['middle', 1],
      ['high', 2],
    ] as const)
      it(`reads ${channel} at the ${place} of its range`, async () => {
        const { world, values, within } = given.channels[channel] as ContractCase['channels'][string];
        const { clock, bus, open } = bench(given);
        bus.chip(address)?.hold(world, values[at]);
        const read = new Float64Array(declared.length);
        const sensor = await open();
        await through(clock, Promise.resolve(sensor.read(read)));
        expect(Math.abs((read[index] ?? Number.NaN) - values[at])).toBeLessThanOrEqual(within);
        expect(read[index]).toBeGreaterThanOrEqual(plausible[0] - within);
        expect(read[index]).toBeLessThanOrEqual(plausible[1] + within);
      });

  it('fails with BUS_NACK when the chip is not there, and when it is pulled', async () => {
    const { clock, bus, open } = bench(given);
    const chip = bus.chip(address);
    if (!chip) throw new Error('no chip');
    chip.knobs.unplugged = true;
    await expect(open()).rejects.toMatchObject({ code: 'BUS_NACK' } satisfies Partial<MusterError>);
    chip.knobs.unplugged = false;
    const sensor = await open();
    chip.knobs.unplugged = true;
    const values = new Float64Array(declared.length).fill(Number.NaN);
    await expect(through(clock, Promise.resolve(sensor.read(values)))).rejects.toMatchObject({
      code: 'BUS_NACK',
    });
    expect([...values].every(Number.isNaN)).toBe(true);
  });

  it('works again after it was plugged back and set up anew', async () => {
    const { clock, bus, open } = bench(given);
    const chip = bus.chip(address);
    if (!chip) throw new Error('no chip');
    await open();
    chip.knobs.unplugged = true;
    await expect(open()).rejects.toMatchObject({ code: 'BUS_NACK' });
    chip.knobs.unplugged = false;
    const values = new Float64Array(declared.length).fill(Number.NaN);
    await through(clock, Promise.resolve((await open()).read(values)));
    expect([...values].every(Number.isFinite)).toBe(true);
  });

  it('gives the same value again while the world is stuck', async () => {
    const { clock, bus, open } = bench(given);
    const sensor = await open();
    const [first, second] = [new Float64Array(declared.length), new Float64Array(declared.length)];
    await through(clock, Promise.resolve(sensor.read(first)));
    const chip = bus.chip(address);
    if (chip) chip.knobs.stuck = true;
    await clock.advance(3_600_000);
    await through(clock, Promise.resolve(sensor.read(second)));
    expect([...second]).toEqual([...first]);
  });
}
