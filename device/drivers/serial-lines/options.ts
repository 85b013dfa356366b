/** What the options of a device that prints lines say. Pure. */
import * as z from 'zod';
import { MusterError } from '../../../src/shared/errors.ts';
import { QUANTITIES, QUANTITY_NAMES } from '../../../src/shared/quantity.ts';
import { checkedOptions } from '../checked-options.ts';
import type { ChannelDeclaration } from '../driver.ts';
import type { Field, LineForm } from './decode.ts';

const channelSchema = z.strictObject({
  channel: z.string().min(1).max(80),
  quantity: z.enum(QUANTITY_NAMES),
  /** `separated`: column, counted from 1. `pattern`: name of the group. `json`: keys, joined by dots. Left out: its place in this list, or the channel's name. */
  field: z.union([z.string().min(1).max(200), z.number().int().min(1).max(200)]).optional(),
  /** The value is the number of the line × scale + offset, in the quantity's unit. */
  scale: z.number().default(1),
  offset: z.number().default(0),
  decimals: z.number().int().min(0).max(9).optional(),
  /** Smallest and largest value to believe. */
  plausible: z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => low < high, 'must be the smaller one first')
    .default([-1e9, 1e9]),
});

const schema = z.strictObject({
  format: z.enum(['separated', 'pattern', 'json']).default('separated'),
  /** Between the columns of a line. */
  separator: z.string().min(1).max(10).default(','),
  /** A regular expression (ECMAScript's) with named groups: `T=(?<t>[-0-9.]+)`. */
  pattern: z.string().min(1).max(500).optional(),
  channels: z
    .array(channelSchema)
    .max(100)
    .refine(
      (rows) => new Set(rows.map(({ channel }) => channel)).size === rows.length,
      'names a channel twice',
    )
    .default([]),
  /** After so long without a line the device counts as silent, ms. */
  silentMs: z.number().int().min(1000).max(86_400_000).default(15_000),
});

export interface LineOptions {
  form: LineForm;
  values: { field: Field; scale: number; offset: number; declared: ChannelDeclaration }[];
  silentMs: number;
}

/** `options`, checked. Throws CONFIG_INVALID naming the path. */
export function lineOptions(options: Readonly<Record<string, unknown>>): LineOptions {
  const { format, separator, pattern, channels, silentMs } = checkedOptions(options, schema);
  if ((pattern !== undefined) !== (format === 'pattern'))
    throw wrong('pattern', 'belongs to the format pattern, which needs it');
  const form: LineForm =
    format === 'pattern'
      ? { format, pattern: compiled(pattern as string) }
      : format === 'json'
        ? { format }
        : { format, separator };
  const values = channels.map((row, i) => {
    const { channel, quantity, scale, offset, plausible } = row;
    const field = row.field ?? (format === 'separated' ? i + 1 : channel);
    const path = `channels.${i}.field`;
    if (format === 'separated' && typeof field !== 'number')
      throw wrong(path, 'must be a column, counted from 1');
    if (form.format === 'pattern' && !form.pattern.source.includes(`(?<${field}>`))
      throw wrong(path, `the pattern has no group (?<${field}>…)`);
    const decimals = row.decimals ?? QUANTITIES[quantity].decimals;
    return { field, scale, offset, declared: { channel, quantity, decimals, plausible } };
  });
  return { form, values, silentMs };
}

function compiled(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    throw wrong('pattern', (error as Error).message);
  }
}

function wrong(path: string, why: string): MusterError {
  return new MusterError('CONFIG_INVALID', `options.${path}: ${why}`, { path: `options.${path}` });
}
