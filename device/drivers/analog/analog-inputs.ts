/**
 * What hangs on the inputs of an analog converter, as `options.inputs` declare it: a voltage as it is, a straight scale
 * (soil moisture, pH), or a 4–20 mA loop over a shunt. Pure. Shared by the converters' drivers.
 */
import * as z from 'zod';
import { MusterError } from '../../../src/shared/errors.ts';
import { QUANTITIES, QUANTITY_NAMES } from '../../../src/shared/quantity.ts';
import type { ChannelDeclaration } from '../driver.ts';

const point = z.tuple([z.number(), z.number()]);

const inputSchema = z
  .strictObject({
    /** `a0`, or `a0-a1` for the difference. */
    input: z.string(),
    /** Name of the channel; the input's unless told. */
    channel: z.string().min(1).max(80).optional(),
    quantity: z.enum(QUANTITY_NAMES).default('voltage'),
    decimals: z.number().int().min(0).max(9).optional(),
    /** Two points of a straight line: `[[volts, value], [volts, value]]`. */
    scale: z.tuple([point, point]).optional(),
    /** A 4–20 mA loop over a resistor: the values it means at its ends. */
    loop: z
      .strictObject({ shuntOhm: z.number().positive(), at4mA: z.number(), at20mA: z.number() })
      .optional(),
    /** Smallest and largest value to believe; what the input can show unless told. */
    plausible: z
      .tuple([z.number(), z.number()])
      .refine(([low, high]) => low < high)
      .optional(),
    /** Largest voltage to measure, where the chip has several ranges. */
    range: z.number().positive().optional(),
  })
  .refine(({ scale, loop }) => !(scale && loop), { message: 'takes a scale or a loop, not both' })
  .refine(({ scale }) => !scale || (scale[0][0] !== scale[1][0] && scale[0][1] !== scale[1][1]), {
    path: ['scale'],
    message: 'must be two different points',
  })
  .refine(({ loop }) => !loop || loop.at4mA !== loop.at20mA, {
    path: ['loop'],
    message: 'must mean two different values',
  });

/** An input and what its voltage means. */
export interface AnalogInput {
  /** As configured: `a0`. */
  input: string;
  /** Largest voltage asked for, undefined where none was. */
  range: number | undefined;
  declared: ChannelDeclaration;
  /** Value of a voltage; NaN where the loop is broken. */
  convert: (volts: number) => number;
}

/** What a converter has. */
export interface Converter {
  /** Names of the inputs it can measure. */
  inputs: readonly string[];
  /** Those measured when nothing is configured. */
  usual: readonly string[];
  /** Smallest and largest voltage it can show at its usual range, V. */
  shows: readonly [low: number, high: number];
  /** Decimals of a volt that mean something. */
  decimals: number;
}

/** A loop outside of this is broken, or shorted (NAMUR NE 43), A. */
const LOOP_ALIVE = [0.0036, 0.021] as const;
/** Within this it measures (NAMUR NE 43), as shares of the way from 4 to 20 mA. */
const LOOP_MEASURES = [-0.0125, 1.031_25] as const;

/** The inputs that `options` declare. Throws CONFIG_INVALID naming the path. */
export function analogInputs(
  options: Readonly<Record<string, unknown>>,
  converter: Converter,
): AnalogInput[] {
  const rows = options['inputs'] ?? converter.usual.map((input) => ({ input }));
  const result = z.array(inputSchema).min(1).max(16).safeParse(rows);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw wrong(['options.inputs', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'invalid');
  }
  const seen = new Set<string>();
  return result.data.map((row, i) => {
    const channel = row.channel ?? row.input;
    const path = `options.inputs.${i}`;
    if (!converter.inputs.includes(row.input))
      throw wrong(`${path}.input`, `must be one of ${converter.inputs.join(', ')}`);
    if (seen.has(channel)) throw wrong(`${path}.channel`, `"${channel}" is used twice`);
    seen.add(channel);
    const { quantity } = row;
    const convert = conversion(row);
    const usualDecimals = row.scale || row.loop ? QUANTITIES[quantity].decimals : converter.decimals;
    return {
      input: row.input,
      range: row.range,
      convert,
      declared: {
        channel,
        quantity,
        decimals: row.decimals ?? usualDecimals,
        plausible: row.plausible ?? believable(row, convert, converter),
      },
    };
  });
}

type Row = z.infer<typeof inputSchema>;

function conversion({ scale, loop }: Row): (volts: number) => number {
  if (loop)
    return (volts) => {
      const amperes = volts / loop.shuntOhm;
      const [broken, shorted] = LOOP_ALIVE;
      if (amperes < broken || amperes > shorted) return Number.NaN;
      return between(loop.at4mA, loop.at20mA, (amperes - 0.004) / 0.016);
    };
  if (!scale) return (volts) => volts;
  const [[v0, x0], [v1, x1]] = scale;
  return (volts) => between(x0, x1, (volts - v0) / (v1 - v0));
}

function believable(
  { loop }: Row,
  convert: (volts: number) => number,
  { shows }: Converter,
): [number, number] {
  const ends = loop
    ? LOOP_MEASURES.map((share) => between(loop.at4mA, loop.at20mA, share))
    : shows.map(convert);
  return [Math.min(...ends), Math.max(...ends)];
}

function between(low: number, high: number, share: number): number {
  return low + (high - low) * share;
}

function wrong(path: string, why: string): MusterError {
  return new MusterError('CONFIG_INVALID', `${path}: ${why}`, { path });
}
