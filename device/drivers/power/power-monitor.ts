/**
 * What power monitors over a shunt do alike: their option, their channels, and a reading of two registers (INA219:
 * Texas Instruments SBOS448, section 8.6; INA226: SBOS547, section 7.6). What a chip's numbers mean is its driver's.
 */
import { MusterError } from '../../../src/shared/errors.ts';
import { needBus, type ChannelDeclaration, type DriverContext, type OpenSensor } from '../driver.ts';

/** Two pins, each on one of four levels. */
export const ADDRESSES = Array.from({ length: 16 }, (_, i) => 0x40 + i);
/** Voltage over the shunt, and of the bus. */
const SHUNT = 0x01;
const BUS = 0x02;

/** `options.shuntOhm`: resistance of the shunt; 0.1 on most boards. Throws CONFIG_INVALID when it is none. */
function shuntOhm(options: Readonly<Record<string, unknown>>): number {
  const ohm = options['shuntOhm'] ?? 0.1;
  if (typeof ohm === 'number' && ohm >= 1e-5 && ohm <= 1000) return ohm;
  throw new MusterError('CONFIG_INVALID', 'options.shuntOhm must be a resistance from 0.00001 to 1000 Ω', {
    path: 'options.shuntOhm',
  });
}

/** Voltage, current and power of a chip that can tell up to `volts`, and ±`shuntRange` volts over its shunt. */
export function powerChannels(
  volts: number,
  shuntRange: number,
  options: Readonly<Record<string, unknown>>,
): ChannelDeclaration[] {
  const ohm = shuntOhm(options);
  const amperes = Number((shuntRange / ohm).toPrecision(6));
  const watts = Number((volts * amperes).toPrecision(6));
  return [
    { channel: 'voltage', quantity: 'voltage', decimals: 3, plausible: [0, volts] },
    { channel: 'current', quantity: 'current', decimals: 4, plausible: [-amperes, amperes] },
    { channel: 'power', quantity: 'power', decimals: 3, plausible: [-watts, watts] },
  ];
}

/** Numbers of a chip as volts. */
export interface PowerScales {
  busVoltage: (bytes: Uint8Array) => number;
  shuntVoltage: (bytes: Uint8Array) => number;
}

/** Sets a register of two bytes. */
export async function setRegister(context: DriverContext, pointer: number, value: number): Promise<void> {
  await needBus(context, 'i2c').write(context.address, Uint8Array.of(pointer, value >> 8, value & 0xff));
}

/** The readings of a chip that is set up. Power is made here: the chips' own registers hold it in coarser steps. */
export function powerReadings(context: DriverContext, { busVoltage, shuntVoltage }: PowerScales): OpenSensor {
  const bus = needBus(context, 'i2c');
  const ohm = shuntOhm(context.options);
  const at = (pointer: number) => bus.writeRead(context.address, Uint8Array.of(pointer), 2);
  return {
    async read(values) {
      const volts = busVoltage(await at(BUS));
      const amperes = shuntVoltage(await at(SHUNT)) / ohm;
      values[0] = volts;
      values[1] = amperes;
      values[2] = volts * amperes;
    },
  };
}
