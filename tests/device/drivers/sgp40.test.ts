/** What an SGP40 keeps of what it learned, on a simulated chip and a test's clock. */
import { describe, expect, it } from 'vitest';
import { sgp40 } from '../../../device/drivers/sgp40/sgp40.ts';
import { driverBench, type DriverBench } from '../../support/driver-bench.ts';

/** The index after each of `count` readings, a second apart, of a sensor that is set up for it. */
async function indices(here: DriverBench, count: number): Promise<number[]> {
  const sensor = await here.open();
  const found: number[] = [];
  for (let n = 0; n < count; n++) found.push((await here.read(sensor)).values[1] as number);
  return found;
}

const valued = (found: readonly number[]): number => found.findIndex((index) => !Number.isNaN(index));

describe('the VOC index of an SGP40', () => {
  it('has no value for 45 s, then rises to 100', async () => {
    const here = driverBench(sgp40);
    here.chip.hold('signal', 30_000);
    const found = await indices(here, 400);
    expect(valued(found)).toBe(46);
    expect(found.at(-1)).toBeGreaterThan(95);
    expect(found.at(-1)).toBeLessThan(105);
  });

  it('goes on when the chip was set up anew after a lost reading', async () => {
    const here = driverBench(sgp40);
    here.chip.hold('signal', 30_000);
    const before = (await indices(here, 200)).at(-1);
    const after = await indices(here, 2);
    expect(valued(after)).toBe(0);
    expect(Math.abs((after[0] as number) - (before as number))).toBeLessThanOrEqual(1);
  });

  it('begins anew after a minute without the chip, unless it has learned for three hours', async () => {
    const here = driverBench(sgp40);
    here.chip.hold('signal', 30_000);
    await indices(here, 200);
    await here.clock.advance(60_000);
    const anew = await indices(here, 60);
    expect(valued(anew)).toBe(46);
    expect(anew[46]).toBeLessThan(5);

    await indices(here, 3 * 3600 + 60);
    await here.clock.advance(60_000);
    expect((await indices(here, 60))[46]).toBe(100);
    await here.clock.advance(700_000);
    expect((await indices(here, 60))[46]).toBeLessThan(5);
  });
});
