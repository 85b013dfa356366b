/** Texas Instruments TMP102: a temperature sensor that converts by itself four times a second. */
import { MusterError } from '../../../src/shared/errors.ts';
import { needBus, type Driver } from '../driver.ts';
import { decodeTemperature } from './decode.ts';
import { CONFIGURATION, POWER_UP, TEMPERATURE } from './registers.ts';

const POINT_AT_TEMPERATURE = Uint8Array.of(TEMPERATURE);
/** Configuration bits that a chip of this kind always reads back as ones: R1, R0 (SBOS397 table 7-8). */
const RESOLUTION_BITS = 0x60;

export const tmp102: Driver = {
  id: 'tmp102',
  title: 'TMP102 temperature',
  bus: 'i2c',
  addresses: [0x48, 0x49, 0x4a, 0x4b],
  periodMs: 1000,
  channels: () => [{ channel: 'temperature', quantity: 'temperature', decimals: 2, plausible: [-40, 125] }],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address } = context;
    await bus.write(address, Uint8Array.of(CONFIGURATION, ...POWER_UP));
    const configuration = await bus.writeRead(address, Uint8Array.of(CONFIGURATION), 2);
    if (((configuration[0] ?? 0) & RESOLUTION_BITS) !== RESOLUTION_BITS)
      throw new MusterError('CHIP_UNEXPECTED', 'the chip there is no TMP102', { bus: bus.id, address });
    return {
      async read(values) {
        values[0] = decodeTemperature(await bus.writeRead(address, POINT_AT_TEMPERATURE, 2));
      },
    };
  },
};
