/** What the options of a Modbus register map say: which value stands where, and what it means. Pure. */
import * as z from 'zod';
import { QUANTITIES, QUANTITY_NAMES } from '../../../src/shared/quantity.ts';
import { isBits, MODBUS_TABLES, MOST } from '../../bus/modbus/pdu.ts';
import { checkedOptions } from '../checked-options.ts';
import type { ChannelDeclaration } from '../driver.ts';
import { ORDERS, rangeOf, TYPES, wordsOf, type NumberType, type Order } from './decode.ts';
import type { Place } from './plan.ts';

const channelSchema = z
  .strictObject({
    channel: z.string().min(1).max(80),
    quantity: z.enum(QUANTITY_NAMES),
    table: z.enum(MODBUS_TABLES).default('holding'),
    /** Counted from 0: the register that manuals call 40001 is address 0 of `holding`, 30001 that of `input`. */
    address: z.number().int().min(0).max(65_535),
    /** Of a number that stands in registers; `u16` unless told. */
    type: z.enum(TYPES).optional(),
    /** Order of the bytes: `ABCD` highest first, `CDAB` words swapped, `BADC` bytes swapped, `DCBA` lowest first. */
    order: z.enum(ORDERS).optional(),
    /** One bit of a register, 0 the lowest. */
    bit: z.number().int().min(0).max(15).optional(),
    /** The value is what stands there × scale + offset, in the quantity's unit. */
    scale: z
      .number()
      .refine((scale) => scale !== 0, 'must not be 0')
      .default(1),
    offset: z.number().default(0),
    /** What the device writes there when it has no value. */
    none: z.number().optional(),
    decimals: z.number().int().min(0).max(9).optional(),
    /** Smallest and largest value to believe; what the type can hold unless told. */
    plausible: z
      .tuple([z.number(), z.number()])
      .refine(([low, high]) => low < high, 'must be the smaller one first')
      .optional(),
  })
  .superRefine(({ table, type, order, bit, address }, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (isBits(table) && (type ?? order ?? bit) !== undefined)
      issue('table', `a ${table} is one bit: it has no type, order or bit`);
    if (bit !== undefined && (type ?? order) !== undefined) issue('bit', 'a bit has no type and no order');
    if (address + wordsOf(type ?? 'u16') > 65_536) issue('address', 'its last register is beyond 65535');
  });

const schema = z.strictObject({
  /** Number of the slave; over TCP that behind the gateway, often 1 or 255. */
  unit: z.number().int().min(0).max(255).default(1),
  channels: z
    .array(channelSchema)
    .max(200)
    .refine(
      (rows) => new Set(rows.map(({ channel }) => channel)).size === rows.length,
      'names a channel twice',
    )
    .default([]),
  /** Registers that may lie unused between two that are read in one question. */
  gap: z.number().int().min(0).max(100).default(0),
  /** Most registers that the device gives at once. */
  most: z.number().int().min(4).max(MOST.holding).default(MOST.holding),
});

/** A value of the map. */
export interface MappedValue extends Place {
  declared: ChannelDeclaration;
  /** Null: a bit of its own table. */
  type: NumberType | null;
  order: Order;
  bit: number | null;
  scale: number;
  offset: number;
  none: number | null;
}

export interface RegisterMap {
  unit: number;
  gap: number;
  most: number;
  values: MappedValue[];
}

/** The map that `options` declare. Throws CONFIG_INVALID naming the path. */
export function registerMap(options: Readonly<Record<string, unknown>>): RegisterMap {
  const { unit, channels, gap, most } = checkedOptions(options, schema);
  const values = channels.map((row): MappedValue => {
    const { table, address, scale, offset, quantity } = row;
    const single = isBits(table) || row.bit !== undefined;
    const type = isBits(table) ? null : (row.type ?? 'u16');
    const ends = (single || type === null ? [0, 1] : rangeOf(type)).map((raw) => raw * scale + offset);
    return {
      table,
      address,
      count: type === null ? 1 : wordsOf(type),
      type,
      order: row.order ?? 'ABCD',
      bit: row.bit ?? null,
      scale,
      offset,
      none: row.none ?? null,
      declared: {
        channel: row.channel,
        quantity,
        decimals: row.decimals ?? QUANTITIES[quantity].decimals,
        plausible: row.plausible ?? [Math.min(...ends), Math.max(...ends)],
      },
    };
  });
  return { unit, gap, most, values };
}
