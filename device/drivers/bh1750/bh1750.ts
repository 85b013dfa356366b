/** ROHM BH1750FVI: an ambient light sensor, measuring continuously. */
import { needBus, wait, type Driver } from '../driver.ts';
import { decodeIlluminance } from './decode.ts';
import { CONTINUOUS_HIGH_RESOLUTION, MEASUREMENT_MS, POWER_ON } from './registers.ts';

export const bh1750: Driver = {
  id: 'bh1750',
  title: 'BH1750 light',
  bus: 'i2c',
  addresses: [0x23, 0x5c],
  periodMs: 1000,
  channels: () => [{ channel: 'light', quantity: 'illuminance', decimals: 0, plausible: [0, 54_612] }],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    await bus.write(address, Uint8Array.of(POWER_ON));
    await bus.write(address, Uint8Array.of(CONTINUOUS_HIGH_RESOLUTION));
    // Before the first measurement is complete the chip answers 0: a darkness nobody measured.
    await wait(clock, MEASUREMENT_MS);
    return {
      async read(values) {
        values[0] = decodeIlluminance(await bus.read(address, 2));
      },
    };
  },
};
