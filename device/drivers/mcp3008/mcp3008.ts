/** Microchip MCP3008: eight analog inputs of 10 bits on SPI. */
import { MusterError } from '../../../src/shared/errors.ts';
import { analogInputs, type Converter } from '../analog/analog-inputs.ts';
import { needBus, type Driver } from '../driver.ts';
import { decodeCode } from './decode.ts';
import { CHANNEL_SHIFT, LENGTH, SETUP, SINGLE_ENDED, START } from './registers.ts';

const USUAL = Array.from({ length: 8 }, (_, i) => `a${i}`);
/** Differential inputs: each against its neighbour (table 5-2). */
const PAIRS = USUAL.map((input, i) => `${input}-a${i ^ 1}`);

/** `options.vref`: V, what a full code means. */
function reference({ vref = 3.3 }: Readonly<Record<string, unknown>>): number {
  if (typeof vref === 'number' && vref > 0 && vref <= 5.5) return vref;
  throw new MusterError('CONFIG_INVALID', 'options.vref must be a voltage up to 5.5 V', {
    path: 'options.vref',
  });
}

function converter(vref: number): Converter {
  return { inputs: [...USUAL, ...PAIRS], usual: USUAL, shows: [0, vref], decimals: 3 };
}

export const mcp3008: Driver = {
  id: 'mcp3008',
  title: 'MCP3008 analog inputs',
  bus: 'spi',
  addresses: [],
  periodMs: 1000,
  channels: ({ options }) =>
    analogInputs(options, converter(reference(options))).map(({ declared }) => declared),

  async open(context) {
    const bus = needBus(context, 'spi');
    const vref = reference(context.options);
    const inputs = analogInputs(context.options, converter(vref)).map(({ input, convert }) => {
      const single = input.includes('-') ? 0 : SINGLE_ENDED;
      const bytes = new Uint8Array(LENGTH);
      bytes.set([START, single | (Number(input[1]) << CHANNEL_SHIFT)]);
      return { bytes, convert };
    });
    // nothing is set up in this chip: that it answers at all is what can be known
    decodeCode(await bus.transfer((inputs[0] as (typeof inputs)[0]).bytes, SETUP));
    return {
      async read(values) {
        const fresh: number[] = [];
        for (const { bytes, convert } of inputs)
          fresh.push(convert((decodeCode(await bus.transfer(bytes, SETUP)) / 1024) * vref));
        values.set(fresh);
      },
    };
  },
};
