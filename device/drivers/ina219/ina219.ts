/** Texas Instruments INA219: voltage, current and power of one line, up to 26 V, over a shunt. */
import { unsigned16 } from '../big-endian.ts';
import { expectChip, wait, type Driver } from '../driver.ts';
import { ADDRESSES, powerChannels, powerReadings, setRegister } from '../power/power-monitor.ts';
import * as scales from './decode.ts';
import * as register from './registers.ts';

export const ina219: Driver = {
  id: 'ina219',
  title: 'INA219 power monitor',
  bus: 'i2c',
  addresses: ADDRESSES,
  // no id: what it says after power-up, and after this driver, is the nearest to one
  identity: {
    ask: Uint8Array.of(register.CONFIGURATION),
    length: 2,
    is: (reply) => unsigned16(reply) === register.AFTER_RESET,
  },
  periodMs: 1000,
  channels: ({ options }) => powerChannels(26, register.SHUNT_RANGE, options),

  async open(context) {
    const readings = powerReadings(context, scales);
    await setRegister(context, register.CONFIGURATION, register.RESET);
    await expectChip(context, ina219);
    await wait(context.clock, register.CONVERSION_MS);
    return readings;
  },
};
