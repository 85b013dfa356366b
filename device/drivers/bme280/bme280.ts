/** Bosch BME280: temperature, pressure and humidity, one forced measurement a reading so that it stays cool. */
import { HUMIDITY_CHANNEL, PRESSURE_CHANNEL, temperatureChannel } from '../climate-channels.ts';
import { expectChip, needBus, wait, type Driver } from '../driver.ts';
import * as decode from './decode.ts';
import * as register from './registers.ts';

export const bme280: Driver = {
  id: 'bme280',
  title: 'BME280 climate',
  bus: 'i2c',
  addresses: [0x76, 0x77],
  identity: {
    ask: Uint8Array.of(register.CHIP_ID),
    length: 1,
    is: ([chip]) => chip === register.IS_BME280,
  },
  periodMs: 1000,
  channels: () => [temperatureChannel(-40, 85), HUMIDITY_CHANNEL, PRESSURE_CHANNEL],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    const at = (start: number, length: number) => bus.writeRead(address, Uint8Array.of(start), length);
    await expectChip(context, bme280);
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
