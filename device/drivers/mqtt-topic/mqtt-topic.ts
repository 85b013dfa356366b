/** Values on topics of a broker, by declaration: which topic and which key mean what stands in the options. */
import * as z from 'zod';
import { MusterError } from '../../../src/shared/errors.ts';
import { QUANTITY_NAMES } from '../../../src/shared/quantity.ts';
import { checkedOptions } from '../checked-options.ts';
import { tellingDriver } from '../mqtt/listening.ts';
import { below, numberIn, textIn } from '../mqtt/said.ts';
import { declare, silentMs, topicName, type Telling, type ToldValue } from '../mqtt/telling.ts';

const channelSchema = z.strictObject({
  channel: z.string().min(1).max(80),
  quantity: z.enum(QUANTITY_NAMES),
  /** Left out: the sensor's. */
  topic: topicName.optional(),
  /** Keys joined by dots in a payload of JSON: `AM2301.Temperature`. Left out: the payload is the value. */
  path: z.string().min(1).max(200).optional(),
  /** The value is what is said × scale + offset, in the quantity's unit. */
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
  topic: topicName.optional(),
  channels: z
    .array(channelSchema)
    .max(100)
    .refine(
      (rows) => new Set(rows.map(({ channel }) => channel)).size === rows.length,
      'names a channel twice',
    )
    .default([]),
  /** Where it is told whether the device is there, and by which words. */
  presence: z
    .strictObject({
      topic: topicName,
      path: z.string().min(1).max(200).optional(),
      online: z.string().min(1).max(80).default('online'),
      offline: z.string().min(1).max(80).default('offline'),
    })
    .optional(),
  silentMs: silentMs.default(900_000),
});

export function topicTelling(options: Readonly<Record<string, unknown>>): Telling {
  const { topic, channels, presence, silentMs: silent } = checkedOptions(options, schema);
  const values = channels.map((row, i): ToldValue => {
    const { channel, quantity, decimals, plausible, scale, offset } = row;
    const where = row.topic ?? topic;
    if (where === undefined) {
      const path = `options.channels.${i}.topic`;
      throw new MusterError('CONFIG_INVALID', `${path}: names no topic, and the sensor has none`, { path });
    }
    const keys = row.path?.split('.') ?? [];
    const declared = declare(channel, { quantity, plausible, ...(decimals !== undefined && { decimals }) });
    return {
      declared,
      sources: [{ topic: where, read: (said) => numberIn(below(said, keys)) * scale + offset }],
    };
  });
  return {
    device: topic ?? values[0]?.sources[0]?.topic ?? 'nothing',
    values,
    presence: presence
      ? {
          topic: presence.topic,
          isThere(said) {
            const word = textIn(below(said, presence.path?.split('.') ?? []));
            return word === presence.online ? true : word === presence.offline ? false : null;
          },
        }
      : null,
    silentMs: silent,
  };
}

export const mqttTopic = tellingDriver('mqtt-topic', 'Topics of an MQTT broker', topicTelling);
