/** Sets a driver up on a bus and reads it once, as a sensor of the daemon would: for tests of a driver. */
import type { AnyBus } from '../bus/any-bus.ts';
import { deviceClock } from '../platform/device-clock.ts';
import { openMachine } from '../platform/machine.ts';
import type { Driver } from './driver.ts';

/**
 * Values by channel. `address`: the driver's first unless told. Rejects as the driver does, and where a value lies
 * outside what its channel declares as plausible.
 */
export async function tryDriver(
  driver: Driver,
  bus: AnyBus | null,
  {
    address = driver.addresses[0] ?? 0,
    options = {},
  }: { address?: number; options?: Record<string, unknown> } = {},
): Promise<Record<string, number>> {
  const context = { bus, address, options, machine: openMachine(''), clock: deviceClock };
  const channels = driver.channels(context);
  const sensor = await driver.open(context);
  const values = new Float64Array(channels.length);
  try {
    await sensor.read(values, new Uint8Array(channels.length));
  } finally {
    sensor.close?.();
  }
  return Object.fromEntries(
    channels.map(({ channel, plausible: [low, high] }, i) => {
      const value = values[i] as number;
      if (value < low || value > high)
        throw new RangeError(`${channel} ${value} is outside ${low} … ${high}`);
      return [channel, value];
    }),
  );
}
