import { expect, it } from 'vitest';
import { WriteMeter } from '../../../device/health/write-meter.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** Looks every minute, as often as `minutes` says, while `eachMinute` bytes are written. */
async function pass(meter: WriteMeter, clock: FakeClock, from: number, minutes: number, eachMinute: number) {
  let bytes = from;
  for (let minute = 0; minute < minutes; minute++) {
    await clock.advance(60_000);
    meter.look((bytes += eachMinute));
  }
  return bytes;
}

it('tells the rate of the last hour: neither the start nor an older burst', async () => {
  const clock = new FakeClock();
  const meter = new WriteMeter(clock);
  meter.look(5_000_000);
  let bytes = await pass(meter, clock, 5_000_000, 31, 1_000_000);
  expect(meter.perDay(bytes)).toBe(1_440_000_000);
  bytes = await pass(meter, clock, bytes, 62, 1000);
  expect(meter.perDay(bytes)).toBe(1_440_000);
});

it('tells nothing while there are only minutes to reckon from, and for how long still', async () => {
  const clock = new FakeClock();
  const meter = new WriteMeter(clock);
  expect([meter.perDay(5_000_000), meter.waitMs]).toEqual([0, 660_000]);
  // what a start writes: as a rate of seconds it would be hundreds of gigabytes a day
  meter.look(5_000_000);
  await clock.advance(2000);
  meter.look(9_000_000);
  expect([meter.perDay(9_000_000), meter.waitMs]).toEqual([0, 658_000]);
  await clock.advance(58_000);
  const bytes = await pass(meter, clock, 9_000_000, 9, 1000);
  expect([meter.perDay(bytes), meter.waitMs]).toEqual([0, 60_000]);
  const later = await pass(meter, clock, bytes, 1, 1000);
  expect(meter.waitMs).toBe(0);
  expect(meter.perDay(later)).toBe(1_440_000);
});
