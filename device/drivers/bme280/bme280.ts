/** Bosch BME280: temperature, pressure and humidity, one forced measurement a reading so that it stays cool. */
import { MusterError } from '../../../src/shared/errors.ts';
import { needBus, wait, type Driver } from '../driver.ts';
import * as decode from './decode.ts';
import * as register from './registers.ts';

export const bme280: Driver = {
  id: 'bme280',
  title: 'BME280 climate',
  bus: 'i2c',
  addresses: [0x76, 0x77],
  periodMs: 1000,
  channels: () => [
    { channel: 'temperature', quantity: 'temperature', decimals: 2, plausible: [-40, 85] },
    { channel: 'humidity', quantity: 'humidity', decimals: 1, plausible: [0, 100] },
    { channel: 'pressure', quantity: 'pressure', decimals: 0, plausible: [30_000, 110_000] },
  ],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    const at = (start: number, length: number) => bus.writeRead(address, Uint8Array.of(start), length);
    const [chip = 0] = await at(register.CHIP_ID, 1);
    if (chip !== register.IS_BME280)
      throw new MusterError('CHIP_UNEXPECTED', `the chip there says 0x${chip.toString(16)}, not BME280`, {
        bus: bus.id,
        address,
      });
    const calibration = decode.decodeCalibration(
      await at(register.CALIBRATION_A, register.CALIBRATION_A_LENGTH),
      await at(register.CALIBRATION_B, register.CALIBRATION_B_LENGTH),
    );
    // CTRL_HUM takes effect at the next write of CTRL_MEAS (section 5.4.3).
    const measure = Uint8Array.of(
      register.CTRL_HUM,
      register.HUMIDITY_X1,
      register.CTRL_MEAS,
      register.MEASURE_ONCE,
    );
    return {
      async read(values) {
        await bus.write(address, measure);
        await wait(clock, register.MEASUREMENT_MS);
        const raw = decode.decodeRaw(await at(register.DATA, register.DATA_LENGTH));
        const tFine = decode.fineTemperature(raw.temperature, calibration);
        values[0] = decode.temperature(tFine);
        values[1] = decode.humidity(raw.humidity, tFine, calibration);
        values[2] = decode.pressure(raw.pressure, tFine, calibration);
      },
    };
  },
};
