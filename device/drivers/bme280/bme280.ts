/** Bosch BME280: temperature, pressure and humidity, one forced measurement a reading so that it stays cool. */
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
  channels: () => [
    // noise alone moves the last of 20 bits; humidity stands still at 100 %
    {
      channel: 'temperature',
      quantity: 'temperature',
      decimals: 2,
      plausible: [-40, 85],
      restlessMs: 600_000,
    },
    { channel: 'humidity', quantity: 'humidity', decimals: 1, plausible: [0, 100] },
    {
      channel: 'pressure',
      quantity: 'pressure',
      decimals: 0,
      plausible: [30_000, 110_000],
      restlessMs: 600_000,
    },
  ],

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
