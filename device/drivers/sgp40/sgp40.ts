/**
 * Sensirion SGP40: a signal that falls as more volatile organic compounds are in the air, corrected for humidity in the
 * chip. What is recorded is that signal, not a VOC index: the index is an estimate over days, made better from the record.
 */
import { MusterError } from '../../../src/shared/errors.ts';
import { expectChip, needBus, wait, type Driver, type DriverContext } from '../driver.ts';
import { checkedWords, command, isChecked, lengthOf } from '../sensirion/words.ts';
import { humidityWord, temperatureWord } from './decode.ts';
import * as register from './registers.ts';

/**
 * Where the air's humidity or temperature comes from: `options[name]` is a number, or `sensor/channel` of the same bus.
 * Without a fresh value of that one it is `usual`. Throws CONFIG_INVALID when it is neither.
 */
function source({ options, latest }: DriverContext, name: string, usual: number): () => number {
  const given = options[name] ?? usual;
  if (typeof given === 'number') return () => given;
  const [sensor, channel, ...more] = typeof given === 'string' ? given.split('/') : [];
  if (!sensor || !channel || more.length > 0)
    throw new MusterError(
      'CONFIG_INVALID',
      `options.${name} must be a number, or a sensor and its channel: air/${name}`,
      { path: `options.${name}` },
    );
  return () => latest?.(sensor, channel) ?? usual;
}

export const sgp40: Driver = {
  id: 'sgp40',
  title: 'SGP40 gas signal',
  bus: 'i2c',
  addresses: [0x59],
  identity: { ask: command(register.SERIAL), waitMs: 1, length: lengthOf(3), is: isChecked },
  periodMs: 1000,
  channels: () => [
    // the hot plate is never so quiet
    { channel: 'voc-signal', quantity: 'signal', decimals: 0, plausible: [1, 65_534], restlessMs: 600_000 },
  ],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    const humidity = source(context, 'humidity', register.USUAL_HUMIDITY);
    const temperature = source(context, 'temperature', register.USUAL_TEMPERATURE);
    await expectChip(context, sgp40);
    return {
      async read(values) {
        await bus.write(
          address,
          command(register.MEASURE_RAW, humidityWord(humidity()), temperatureWord(temperature())),
        );
        await wait(clock, register.MEASUREMENT_MS);
        const [raw = 0] = checkedWords(await bus.read(address, lengthOf(1)));
        values[0] = raw;
      },
    };
  },
};
