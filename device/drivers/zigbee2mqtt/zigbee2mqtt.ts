/**
 * A Zigbee device behind zigbee2mqtt. Its topic `<base>/<friendly name>` carries one JSON object with all its values, and
 * `<base>/<friendly name>/availability` whether it is there: `{"state":"online"}`, before version 2 also the plain word
 * (zigbee2mqtt documentation: "MQTT topics and messages"; "Device-Availability"; units: "Exposes").
 */
import * as z from 'zod';
import { checkedOptions } from '../checked-options.ts';
import { tellingDriver } from '../mqtt/listening.ts';
import { below, numberIn } from '../mqtt/said.ts';
import {
  declare,
  deviceOptions,
  eitherOf,
  MEASURES,
  topicName,
  type Measure,
  type Telling,
} from '../mqtt/telling.ts';

/** By the device's own names. A contact is 1 while it is closed. */
const KNOWN = {
  temperature: MEASURES.temperature,
  humidity: MEASURES.humidity,
  pressure: MEASURES.pressure,
  illuminance: MEASURES.illuminance,
  co2: MEASURES.co2,
  soil_moisture: { quantity: 'moisture', plausible: [0, 100] },
  battery: MEASURES.battery,
  power: MEASURES.power,
  voltage: MEASURES.voltage,
  current: MEASURES.current,
  state: MEASURES.state,
  contact: MEASURES.state,
  occupancy: MEASURES.state,
  water_leak: MEASURES.state,
  linkquality: { quantity: 'signal', plausible: [0, 255] },
} as const satisfies Record<string, Measure>;
type Known = keyof typeof KNOWN;

/** What is told in another unit than ours: hPa. */
const SCALE: Partial<Record<Known, number>> = { pressure: 100 };

const schema = z.strictObject({
  // a battery device reports at least once an hour as a rule
  ...deviceOptions(KNOWN, 5_400_000),
  base: topicName.default('zigbee2mqtt'),
});

export function zigbeeTelling(options: Readonly<Record<string, unknown>>): Telling {
  const { device, base, measures, silentMs } = checkedOptions(options, schema);
  const topic = `${base}/${device}`;
  const isOnline = eitherOf('online', 'offline');
  return {
    device,
    values: measures.map((name) => ({
      declared: declare(name, KNOWN[name]),
      sources: [{ topic, read: (said) => numberIn(below(said, [name])) * (SCALE[name] ?? 1) }],
    })),
    presence: { topic: `${topic}/availability`, isThere: (said) => isOnline(below(said, ['state']) ?? said) },
    silentMs,
  };
}

export const zigbee2mqtt = tellingDriver(
  'zigbee2mqtt',
  'Zigbee device (zigbee2mqtt)',
  zigbeeTelling,
  Object.keys(KNOWN),
);
