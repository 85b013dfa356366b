/** Texas Instruments INA219: voltage, current and power of one line, up to 26 V, over a shunt. */
import { unsigned16 } from '../big-endian.ts';
import { expectChip, needBus, wait, type Driver } from '../driver.ts';
import { busVoltage, shuntVoltage } from './decode.ts';
import * as register from './registers.ts';
import { powerChannels, shuntOhm } from './shunt.ts';

export const ina219: Driver = {
  id: 'ina219',
  title: 'INA219 power monitor',
  bus: 'i2c',
  addresses: Array.from({ length: 16 }, (_, i) => 0x40 + i),
  // no id: what it says after power-up, and after this driver, is the nearest to one
  identity: {
    ask: Uint8Array.of(register.CONFIGURATION),
    length: 2,
    is: (reply) => unsigned16(reply) === register.AFTER_RESET,
  },
  periodMs: 1000,
  channels: ({ options }) => powerChannels(26, register.SHUNT_RANGE, shuntOhm(options)),

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    const ohm = shuntOhm(context.options);
    const at = (pointer: number) => bus.writeRead(address, Uint8Array.of(pointer), 2);
    await bus.write(
      address,
      Uint8Array.of(register.CONFIGURATION, register.RESET >> 8, register.RESET & 0xff),
    );
    await expectChip(context, ina219);
    await wait(clock, register.CONVERSION_MS);
    return {
      async read(values) {
        const volts = busVoltage(await at(register.BUS));
        const amperes = shuntVoltage(await at(register.SHUNT)) / ohm;
        values[0] = volts;
        values[1] = amperes;
        values[2] = volts * amperes;
      },
    };
  },
};
