/** What a power monitor's shunt option says, for both chips of the kind. */
import { MusterError } from '../../../src/shared/errors.ts';
import type { ChannelDeclaration } from '../driver.ts';

/** `options.shuntOhm`: resistance of the shunt; 0.1 on most boards. Throws CONFIG_INVALID when it is none. */
export function shuntOhm(options: Readonly<Record<string, unknown>>): number {
  const ohm = options['shuntOhm'] ?? 0.1;
  if (typeof ohm === 'number' && ohm >= 1e-5 && ohm <= 1000) return ohm;
  throw new MusterError('CONFIG_INVALID', 'options.shuntOhm must be a resistance from 0.00001 to 1000 Ω', {
    path: 'options.shuntOhm',
  });
}

/** Voltage, current and power of a chip that can tell up to `volts`, and ±`shuntRange` volts over `ohm`. */
export function powerChannels(volts: number, shuntRange: number, ohm: number): ChannelDeclaration[] {
  const amperes = Number((shuntRange / ohm).toPrecision(6));
  const watts = Number((volts * amperes).toPrecision(6));
  return [
    { channel: 'voltage', quantity: 'voltage', decimals: 3, plausible: [0, volts] },
    { channel: 'current', quantity: 'current', decimals: 4, plausible: [-amperes, amperes] },
    { channel: 'power', quantity: 'power', decimals: 3, plausible: [-watts, watts] },
  ];
}
