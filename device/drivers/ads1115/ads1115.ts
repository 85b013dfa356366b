/** Texas Instruments ADS1115: four analog inputs of 16 bits, one conversion an input a reading. */
import { MusterError } from '../../../src/shared/errors.ts';
import { analogInputs, type Converter } from '../analog/analog-inputs.ts';
import { unsigned16 } from '../big-endian.ts';
import { needBus, unexpected, wait, type Driver } from '../driver.ts';
import { decodeVoltage, rangeFor } from './decode.ts';
import * as register from './registers.ts';

const USUAL_RANGE = 4.096;
const CONVERTER: Converter = {
  inputs: Object.keys(register.MUX),
  usual: ['a0', 'a1', 'a2', 'a3'],
  shows: [-0.3, USUAL_RANGE],
  decimals: 4,
};

interface Shot {
  configuration: number;
  fullScale: number;
  convert: (volts: number) => number;
}

/** Throws CONFIG_INVALID when no range is wide enough. */
function shots(options: Readonly<Record<string, unknown>>): Shot[] {
  return analogInputs(options, CONVERTER).map(({ input, range = USUAL_RANGE, convert }) => {
    const pga = rangeFor(range);
    if (pga === undefined)
      throw new MusterError('CONFIG_INVALID', `options.inputs: the widest range is 6.144 V, not ${range}`, {
        path: 'options.inputs',
      });
    const mux = register.MUX[input] ?? 0;
    return {
      configuration: register.SINGLE_SHOT | (mux << register.MUX_SHIFT) | (pga << register.PGA_SHIFT),
      fullScale: register.FULL_SCALE[pga] ?? USUAL_RANGE,
      convert,
    };
  });
}

export const ads1115: Driver = {
  id: 'ads1115',
  title: 'ADS1115 analog inputs',
  bus: 'i2c',
  addresses: [0x48, 0x49, 0x4a, 0x4b],
  periodMs: 1000,
  channels: ({ options }) => analogInputs(options, CONVERTER).map(({ declared }) => declared),

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    const planned = shots(context.options);
    const at = (pointer: number) => bus.writeRead(address, Uint8Array.of(pointer), 2);
    const put = (pointer: number, value: number) =>
      bus.write(address, Uint8Array.of(pointer, value >> 8, value & 0xff));
    await put(register.LOW_THRESHOLD, register.LOW_RESET);
    await put(register.HIGH_THRESHOLD, register.HIGH_RESET);
    const high = await at(register.HIGH_THRESHOLD);
    if (unsigned16(high) !== register.HIGH_RESET) throw unexpected(bus, address, 'ADS1115', high);

    async function convertOnce({ configuration, fullScale, convert }: Shot): Promise<number> {
      await put(register.CONFIGURATION, configuration | register.START);
      await wait(clock, register.CONVERSION_MS);
      const now = await at(register.CONFIGURATION);
      // it lost its power, or somebody else set it to another input: the number would be another input's
      if (unsigned16(now) !== (configuration | register.START))
        throw unexpected(bus, address, 'ADS1115 at work on that input', now);
      return convert(decodeVoltage(await at(register.CONVERSION), fullScale));
    }

    return {
      async read(values) {
        const fresh: number[] = [];
        for (const shot of planned) fresh.push(await convertOnce(shot));
        values.set(fresh);
      },
    };
  },
};
