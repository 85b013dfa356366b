/** How a device tells on a broker what it measures: topics, and what their messages mean. Pure. */
import * as z from 'zod';
import { MusterError } from '../../../src/shared/errors.ts';
import { QUANTITIES, type Quantity } from '../../../src/shared/quantity.ts';
import type { ChannelDeclaration } from '../driver.ts';
import { numberIn, textIn } from './said.ts';

/** One number that a device tells. */
export interface ToldValue {
  declared: ChannelDeclaration;
  /** Where it is told, and how it is found in what is said (device/drivers/mqtt/said.ts); NaN where it is not in it. */
  sources: readonly { topic: string; read: (said: unknown) => number }[];
}

export interface Telling {
  /** What to call the device in words; empty where the options name none. */
  device: string;
  values: readonly ToldValue[];
  /** Where it is told whether the device is there; null: it does not say. */
  presence: { topic: string; isThere: (said: unknown) => boolean | null } | null;
  /** After so long without a word from it its last values are not believed any more, ms. */
  silentMs: number;
}

/** What a kind of device may measure, by the name of the channel. */
export interface Measure {
  quantity: Quantity;
  decimals?: number;
  plausible: readonly [number, number];
}

/** What nearly all of them know. */
export const MEASURES = {
  temperature: { quantity: 'temperature', plausible: [-60, 125] },
  humidity: { quantity: 'humidity', plausible: [0, 100] },
  pressure: { quantity: 'pressure', plausible: [30_000, 110_000] },
  illuminance: { quantity: 'illuminance', plausible: [0, 200_000] },
  co2: { quantity: 'co2', plausible: [250, 40_000] },
  battery: { quantity: 'share', decimals: 0, plausible: [0, 100] },
  power: { quantity: 'power', plausible: [-25_000, 25_000] },
  voltage: { quantity: 'voltage', decimals: 1, plausible: [0, 500] },
  current: { quantity: 'current', plausible: [-100, 100] },
  state: { quantity: 'state', plausible: [0, 1] },
} as const satisfies Record<string, Measure>;

export function declare(channel: string, { quantity, decimals, plausible }: Measure): ChannelDeclaration {
  return { channel, quantity, decimals: decimals ?? QUANTITIES[quantity].decimals, plausible };
}

/** A level of a topic, or several: MQTT's wildcards are none (MQTT 3.1.1 section 4.7.1). */
export const topicName = z
  .string()
  .min(1)
  .max(250)
  // oxlint-disable-next-line no-control-regex -- refusing control characters is the point
  .regex(/^[^+#\u0000-\u001f]+$/, 'must be a topic without + and #');

export const silentMs = z.number().int().min(1000).max(86_400_000);

/** Options of a kind of device that is named and measures some of what its kind can. `silent`: as far as usual, ms. */
export function deviceOptions<M extends string>(measures: Readonly<Record<M, unknown>>, silent: number) {
  const names = Object.keys(measures) as M[];
  const error = `must be some of ${names.join(', ')}`;
  return {
    /** How the device is called in its topics. */
    device: topicName.default(''),
    /** Which of its values are recorded. */
    measures: z
      .array(z.enum(names as [M, ...M[]], { error }), { error })
      .max(names.length)
      .refine((rows) => new Set(rows).size === rows.length, 'names one twice')
      .default([]),
    silentMs: silentMs.default(silent),
  };
}

/** Makes sure that there is something to listen to. Throws CONFIG_INVALID. `known`: what could be measured. */
export function needTold({ device, values }: Telling, known: readonly string[]): void {
  const missing = (path: string, words: string): MusterError =>
    new MusterError('CONFIG_INVALID', `options.${path}: ${words}`, { path: `options.${path}` });
  if (device === '') throw missing('device', 'names no device');
  if (values.length > 0) return;
  throw known.length > 0
    ? missing('measures', `names nothing to read; known: ${known.join(', ')}`)
    : missing('channels', 'names nothing to read');
}

/** `scale` × the number said + `offset`. */
export function scaled(scale: number, offset = 0): (said: unknown) => number {
  return (said) => numberIn(said) * scale + offset;
}

/** True and false for two words, null for anything else. */
export function eitherOf(there: string, gone: string): (said: unknown) => boolean | null {
  return (said) => {
    const word = textIn(said).toLowerCase();
    return word === there ? true : word === gone ? false : null;
  };
}
