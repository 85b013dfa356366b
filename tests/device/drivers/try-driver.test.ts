import { expect, it } from 'vitest';
import type { Driver } from '../../../device/drivers/driver.ts';
import { tmp102 } from '../../../device/drivers/tmp102/tmp102.ts';
import { tryDriver } from '../../../device/drivers/try-driver.ts';
import { deviceClock } from '../../../device/platform/device-clock.ts';
import { createSimBus } from '../../../device/sim/sim-bus.ts';

const bus = createSimBus('i2c-1', [{ chip: 'tmp102', address: 0x49 }], deviceClock);

it('reads a driver once, by channel', async () => {
  bus.chip(0x49)?.hold('temperature', 21.5);
  expect(await tryDriver(tmp102, bus, { address: 0x49 })).toEqual({ temperature: 21.5 });
});

it('rejects as the driver does where nothing answers', async () => {
  await expect(tryDriver(tmp102, bus)).rejects.toMatchObject({ code: 'BUS_NACK' });
});

it('rejects a value that its channel does not declare as plausible', async () => {
  let closed = 0;
  const driver: Driver = {
    ...tmp102,
    bus: 'machine',
    open: () =>
      Promise.resolve({
        read: (values) => void (values[0] = 400),
        close: () => void closed++,
      }),
  };
  await expect(tryDriver(driver, null)).rejects.toThrow('temperature 400 is outside -40 … 125');
  expect(closed).toBe(1);
});
