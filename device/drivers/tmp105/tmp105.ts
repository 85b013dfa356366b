/** Texas Instruments TMP105: an LM75 with 12 bits. */
import { decodeTemperature } from '../lm75/decode.ts';
import { ADDRESSES, CONFIGURATION, CONVERSION_MS, TEMPERATURE } from '../lm75/registers.ts';
import { needBus, unexpected, wait, type Driver } from '../driver.ts';
import { TWELVE_BITS } from './registers.ts';

export const tmp105: Driver = {
  id: 'tmp105',
  title: 'TMP105 temperature',
  bus: 'i2c',
  addresses: ADDRESSES,
  identity: { ask: Uint8Array.of(CONFIGURATION), length: 1, is: ([first = 0xff]) => (first & 0x80) === 0 },
  periodMs: 1000,
  channels: () => [{ channel: 'temperature', quantity: 'temperature', decimals: 2, plausible: [-55, 128] }],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    await bus.write(address, Uint8Array.of(CONFIGURATION, TWELVE_BITS));
    // an LM75 keeps these bits zero
    const kept = await bus.writeRead(address, Uint8Array.of(CONFIGURATION), 1);
    if (kept[0] !== TWELVE_BITS) throw unexpected(bus, address, 'TMP105', kept);
    await wait(clock, CONVERSION_MS);
    return {
      async read(values) {
        values[0] = decodeTemperature(await bus.writeRead(address, Uint8Array.of(TEMPERATURE), 2), 12);
      },
    };
  },
};
