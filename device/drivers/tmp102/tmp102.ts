/** Texas Instruments TMP102: a temperature sensor that converts by itself four times a second. */
import { needBus, unexpected, type Driver } from '../driver.ts';
import { decodeTemperature } from './decode.ts';
import { CONFIGURATION, HIGH_LIMIT, POWER_UP, TEMPERATURE } from './registers.ts';

const POINT_AT_TEMPERATURE = Uint8Array.of(TEMPERATURE);

/** R1 and R0 always read as ones; 4 Hz and 12 bits were asked for; the alert bit is as it is (SBOS397 table 7-8). */
function isConfigured([high = 0, low = 0]: Uint8Array): boolean {
  return (high & 0x60) === 0x60 && (low & 0xd0) === 0x80;
}

export const tmp102: Driver = {
  id: 'tmp102',
  title: 'TMP102 temperature',
  bus: 'i2c',
  addresses: [0x48, 0x49, 0x4a, 0x4b],
  identity: { ask: Uint8Array.of(CONFIGURATION), length: 2, is: isConfigured },
  periodMs: 1000,
  channels: () => [{ channel: 'temperature', quantity: 'temperature', decimals: 2, plausible: [-40, 125] }],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address } = context;
    await bus.write(address, Uint8Array.of(CONFIGURATION, ...POWER_UP));
    const configuration = await bus.writeRead(address, Uint8Array.of(CONFIGURATION), 2);
    if (!isConfigured(configuration)) throw unexpected(bus, address, 'TMP102', configuration);
    // other chips have other things there; of a limit of 12 bits the lower four are always zero
    const limit = await bus.writeRead(address, Uint8Array.of(HIGH_LIMIT), 2);
    if (((limit[1] ?? 0xff) & 0x0f) !== 0) throw unexpected(bus, address, 'TMP102', limit);
    const later = async (values: Float64Array): Promise<void> => {
      values[0] = decodeTemperature(await bus.writeRead(address, POINT_AT_TEMPERATURE, 2));
    };
    return {
      read(values) {
        const now = bus.writeReadNow?.(address, POINT_AT_TEMPERATURE, 2);
        if (!now) return later(values);
        values[0] = decodeTemperature(now);
      },
    };
  },
};
