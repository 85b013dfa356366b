/** Bosch BMP280: temperature and pressure; a BME280 without humidity, and its decoder is that one's. */
import * as decode from '../bme280/decode.ts';
import * as register from '../bme280/registers.ts';
import { PRESSURE_CHANNEL, temperatureChannel } from '../climate-channels.ts';
import { expectChip, needBus, wait, type Driver } from '../driver.ts';
import { CALIBRATION_LENGTH, DATA_LENGTH, IS_BMP280 } from './registers.ts';

export const bmp280: Driver = {
  id: 'bmp280',
  title: 'BMP280 air pressure',
  bus: 'i2c',
  addresses: [0x76, 0x77],
  identity: { ask: Uint8Array.of(register.CHIP_ID), length: 1, is: ([chip]) => chip === IS_BMP280 },
  periodMs: 1000,
  channels: () => [temperatureChannel(-40, 85), PRESSURE_CHANNEL],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    const at = (start: number, length: number) => bus.writeRead(address, Uint8Array.of(start), length);
    await expectChip(context, bmp280);
    const calibration = decode.decodeAirCalibration(await at(register.CALIBRATION_A, CALIBRATION_LENGTH));
    return {
      async read(values) {
        await bus.write(address, Uint8Array.of(register.CTRL_MEAS, register.MEASURE_ONCE));
        await wait(clock, register.MEASUREMENT_MS);
        const raw = decode.decodeRawAir(await at(register.DATA, DATA_LENGTH));
        const tFine = decode.fineTemperature(raw.temperature, calibration);
        values[0] = decode.temperature(tFine);
        values[1] = decode.pressure(raw.pressure, tFine, calibration);
      },
    };
  },
};
