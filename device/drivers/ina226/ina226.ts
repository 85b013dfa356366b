/** Texas Instruments INA226: voltage, current and power of one line, up to 36 V, over a shunt. */
import { unsigned16 } from '../big-endian.ts';
import { expectChip, wait, type Driver } from '../driver.ts';
import { ADDRESSES, powerChannels, powerReadings, setRegister } from '../power/power-monitor.ts';
import * as scales from './decode.ts';
import * as register from './registers.ts';

export const ina226: Driver = {
  id: 'ina226',
  title: 'INA226 power monitor',
  bus: 'i2c',
  addresses: ADDRESSES,
  identity: {
    ask: Uint8Array.of(register.DIE),
    length: 2,
    is: (reply) => unsigned16(reply) >> 4 === register.IS_INA226,
  },
  periodMs: 1000,
  channels: ({ options }) => powerChannels(36, register.SHUNT_RANGE, options),

  async open(context) {
    const readings = powerReadings(context, scales);
    await expectChip(context, ina226);
    await setRegister(context, register.CONFIGURATION, register.AVERAGED);
    await wait(context.clock, register.CONVERSION_MS);
    return readings;
  },
};
