import { expect, it } from 'vitest';
import { WriteMeter } from '../../../device/health/write-meter.ts';
import { FakeClock } from '../../support/fake-clock.ts';

it('tells the rate of the last hour: neither the start nor an older burst', async () => {
  const clock = new FakeClock();
  const meter = new WriteMeter(clock);
  expect(meter.perDay(5_000_000)).toBe(0);
  let bytes = 5_000_000;
  meter.look(bytes);
  for (let minute = 0; minute < 30; minute++) {
    await clock.advance(60_000);
    meter.look((bytes += 1_000_000));
  }
  expect(meter.perDay(bytes)).toBe(1_440_000_000);
  for (let minute = 0; minute < 62; minute++) {
    await clock.advance(60_000);
    meter.look((bytes += 1000));
  }
  expect(meter.perDay(bytes)).toBe(1_440_000);
});
