/**
 * A soil probe on I2C: register 0x0f says what it is, register 0x10 how wet the soil is.
 * This chip is made up. Put yours here: its addresses, its registers with the datasheet's section, its channels.
 */
import { needBus, type Driver } from 'muster/device/drivers/driver.ts';
import { MusterError } from 'muster/src/shared/errors.ts';

/** Answers 0x55 in a chip of this kind. */
const IDENTITY = 0x0f;
const IS_SOIL_PROBE = 0x55;
/** Two bytes, high first, 0 dry to 65535 wet; then their sum in one byte. */
const MOISTURE = 0x10;

/** Percent from the three bytes of the register. Throws DRIVER_CHECKSUM: a wrong reading must never look like one. */
export function decodeMoisture(bytes: Uint8Array): number {
  const [high = 0, low = 0, sum = 0] = bytes;
  if (((high + low) & 0xff) !== sum) throw new MusterError('DRIVER_CHECKSUM', 'moisture with a wrong sum');
  return (((high << 8) | low) / 65_535) * 100;
}

const soilProbe: Driver = {
  id: 'soil-probe', // the name of this file, and what `driver:` says in config.yaml
  title: 'Soil probe',
  bus: 'i2c',
  addresses: [0x36, 0x37],
  periodMs: 10_000,
  channels: () => [{ channel: 'moisture', quantity: 'moisture', decimals: 1, plausible: [0, 100] }],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address } = context;
    const [identity] = await bus.writeRead(address, Uint8Array.of(IDENTITY), 1);
    if (identity !== IS_SOIL_PROBE)
      throw new MusterError('CHIP_UNEXPECTED', 'the chip there is no soil probe', { bus: bus.id, address });
    return {
      async read(values) {
        values[0] = decodeMoisture(await bus.writeRead(address, Uint8Array.of(MOISTURE), 3));
      },
    };
  },
};

export default soilProbe;
