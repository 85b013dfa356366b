/** Maxim DS18B20: a thermometer on the 1-Wire bus that the kernel drives. */
import { MusterError } from '../../../src/shared/errors.ts';
import { qualityByte } from '../../../src/shared/reading.ts';
import { needBus, type Driver } from '../driver.ts';
import { decodeTemperature } from './decode.ts';
import { FAMILY, FILE, POWER_ON_CELSIUS } from './registers.ts';

const SUSPECT = qualityByte('suspect');

/** `options.device`, or the only one there is. Throws BUS_MISSING naming those there are. */
function choose(devices: readonly string[], wanted: unknown): string {
  const family = devices.filter((device) => device.startsWith(`${FAMILY}-`));
  const [only] = family;
  if (wanted === undefined && only !== undefined && family.length === 1) return only;
  if (typeof wanted === 'string' && family.includes(wanted)) return wanted;
  const there = family.join(', ') || 'none';
  throw new MusterError('BUS_MISSING', `options.device must name a thermometer; there are: ${there}`, {
    device: typeof wanted === 'string' ? wanted : null,
  });
}

export const ds18b20: Driver = {
  id: 'ds18b20',
  title: 'DS18B20 temperature',
  bus: 'w1',
  addresses: [],
  family: FAMILY,
  periodMs: 2000,
  channels: () => [{ channel: 'temperature', quantity: 'temperature', decimals: 2, plausible: [-55, 125] }],

  async open(context) {
    const bus = needBus(context, 'w1');
    const device = choose(await bus.devices(), context.options['device']);
    return {
      async read(values, quality) {
        const celsius = decodeTemperature(await bus.read(device, FILE));
        values[0] = celsius;
        // a chip that lost its power during the conversion answers so, with a good checksum
        if (celsius === POWER_ON_CELSIUS) quality[0] = SUSPECT;
      },
    };
  },
};
