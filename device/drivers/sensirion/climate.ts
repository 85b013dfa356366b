/**
 * What Sensirion's chips for temperature and humidity do alike: one command, a wait, two words with checksums.
 * Called by the drivers of those chips, each with its own commands and its own scale of humidity.
 */
import { HUMIDITY_CHANNEL, temperatureChannel } from '../climate-channels.ts';
import { expectChip, needBus, wait, type Driver } from '../driver.ts';
import { temperature } from './temperature.ts';
import { checkedWords, lengthOf } from './words.ts';

export interface ClimateChip extends Required<Pick<Driver, 'id' | 'title' | 'addresses' | 'identity'>> {
  /** The command of one measurement. */
  measure: Uint8Array;
  /** Longest time of that, ms. */
  measurementMs: number;
  /** The second word as %RH. */
  humidity: (word: number) => number;
}

export function climateDriver(chip: ClimateChip): Driver {
  const { id, title, addresses, identity, measure, measurementMs, humidity } = chip;
  return {
    id,
    title,
    bus: 'i2c',
    addresses,
    identity,
    periodMs: 1000,
    channels: () => [temperatureChannel(-40, 125), HUMIDITY_CHANNEL],

    async open(context) {
      const bus = needBus(context, 'i2c');
      const { address, clock } = context;
      await expectChip(context, chip);
      return {
        async read(values) {
          await bus.write(address, measure);
          await wait(clock, measurementMs);
          const [t = 0, rh = 0] = checkedWords(await bus.read(address, lengthOf(2)));
          values[0] = temperature(t);
          values[1] = humidity(rh);
        },
      };
    },
  };
}
