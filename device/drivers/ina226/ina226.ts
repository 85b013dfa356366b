/** Texas Instruments INA226: voltage, current and power of one line, up to 36 V, over a shunt. */
import { unsigned16 } from '../big-endian.ts';
import { expectChip, needBus, wait, type Driver } from '../driver.ts';
import { powerChannels, shuntOhm } from '../ina219/shunt.ts';
import { busVoltage, shuntVoltage } from './decode.ts';
import * as register from './registers.ts';

export const ina226: Driver = {
  id: 'ina226',
  title: 'INA226 power monitor',
  bus: 'i2c',
  addresses: Array.from({ length: 16 }, (_, i) => 0x40 + i),
  identity: {
    ask: Uint8Array.of(register.DIE),
    length: 2,
    is: (reply) => unsigned16(reply) >> 4 === register.IS_INA226,
  },
  periodMs: 1000,
  channels: ({ options }) => powerChannels(36, register.SHUNT_RANGE, shuntOhm(options)),

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    const ohm = shuntOhm(context.options);
    const at = (pointer: number) => bus.writeRead(address, Uint8Array.of(pointer), 2);
    await expectChip(context, ina226);
    await bus.write(
      address,
      Uint8Array.of(register.CONFIGURATION, register.AVERAGED >> 8, register.AVERAGED & 0xff),
    );
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
