/**
 * A Shelly of the first generation: each value has a topic with the bare number, `shellies/<device>/sensor/temperature`,
 * and `shellies/<device>/online` says true or false (Shelly API documentation, "Gen1": MQTT; the MQTT section of each device).
 */
import * as z from 'zod';
import { checkedOptions } from '../checked-options.ts';
import { tellingDriver } from '../mqtt/listening.ts';
import {
  scaled,
  declare,
  deviceOptions,
  eitherOf,
  MEASURES,
  type Measure,
  type Telling,
} from '../mqtt/telling.ts';

/** By the topic below the device's. Temperatures come in the unit that the device is set to; here it has to be °C. */
const KNOWN = {
  temperature: { ...MEASURES.temperature, at: 'sensor/temperature' },
  humidity: { ...MEASURES.humidity, at: 'sensor/humidity' },
  battery: { ...MEASURES.battery, at: 'sensor/battery' },
  illuminance: { ...MEASURES.illuminance, at: 'sensor/lux' },
  flood: { ...MEASURES.state, at: 'sensor/flood' },
  'ext-temperature': { ...MEASURES.temperature, at: 'ext_temperature/0' },
  'ext-humidity': { ...MEASURES.humidity, at: 'ext_humidity/0' },
  power: { ...MEASURES.power, at: 'relay/0/power' },
  state: { ...MEASURES.state, at: 'relay/0' },
} as const satisfies Record<string, Measure & { at: string }>;

const schema = z.strictObject({
  ...deviceOptions(KNOWN, 900_000),
  /** Sleeps between two words, on a battery: that it is not online says nothing. Left out: when its battery is recorded. */
  sleeps: z.boolean().optional(),
});

export function shellyGen1Telling(options: Readonly<Record<string, unknown>>): Telling {
  const { device, measures, silentMs, sleeps } = checkedOptions(options, schema);
  const root = `shellies/${device}`;
  return {
    device,
    values: measures.map((name) => ({
      declared: declare(name, KNOWN[name]),
      sources: [{ topic: `${root}/${KNOWN[name].at}`, read: scaled(1) }],
    })),
    presence:
      (sleeps ?? measures.includes('battery'))
        ? null
        : { topic: `${root}/online`, isThere: eitherOf('true', 'false') },
    silentMs,
  };
}

export const shellyGen1 = tellingDriver(
  'shelly-gen1',
  'Shelly, first generation',
  shellyGen1Telling,
  Object.keys(KNOWN),
);
