/** The LM75 and its many descendants: a temperature sensor that converts by itself. */
import { MusterError } from '../../../src/shared/errors.ts';
import { expectChip, needBus, unexpected, wait, type Driver } from '../driver.ts';
import { decodeTemperature } from './decode.ts';
import {
  ADDRESSES,
  CONFIGURATION,
  CONVERSION_MS,
  HYSTERESIS,
  OVER_TEMPERATURE,
  POWER_UP,
  TEMPERATURE,
} from './registers.ts';

/** Bits that the chip at hand defines: an LM75B or LM75C of Texas Instruments 9, one of NXP 11. */
const KNOWN_BITS = new Set<unknown>([9, 10, 11, 12]);

export const lm75: Driver = {
  id: 'lm75',
  title: 'LM75 temperature',
  bus: 'i2c',
  addresses: ADDRESSES,
  identity: { ask: Uint8Array.of(CONFIGURATION), length: 1, is: ([first = 0xff]) => (first & 0xe0) === 0 },
  periodMs: 1000,
  channels: () => [{ channel: 'temperature', quantity: 'temperature', decimals: 1, plausible: [-55, 125] }],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock, options } = context;
    const bits = options['bits'] ?? 9;
    if (!KNOWN_BITS.has(bits))
      throw new MusterError('CONFIG_INVALID', 'options.bits must be 9, 10, 11 or 12', {
        path: 'options.bits',
      });
    await bus.write(address, Uint8Array.of(CONFIGURATION, POWER_UP));
    await expectChip(context, lm75);
    // other chips have other things there; of the limits the lower seven bits are always zero
    for (const limit of [HYSTERESIS, OVER_TEMPERATURE]) {
      const held = await bus.writeRead(address, Uint8Array.of(limit), 2);
      if (((held[1] ?? 0xff) & 0x7f) !== 0) throw unexpected(bus, address, 'LM75', held);
    }
    await wait(clock, CONVERSION_MS);
    return {
      async read(values) {
        values[0] = decodeTemperature(
          await bus.writeRead(address, Uint8Array.of(TEMPERATURE), 2),
          bits as number,
        );
      },
    };
  },
};
