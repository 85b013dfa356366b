/**
 * A Z-Wave node behind Z-Wave JS UI with "Named topics": each value has a topic of its own,
 * `<prefix>/<location?>/<node>/<class name>/endpoint_<n>/<property name>/<property key?>`, and a payload of one of three
 * forms: `{"time":…,"value":…}`, the whole value object with its `value` and `unit`, or the bare value
 * (Z-Wave JS UI documentation, "Setup": Gateway, type and payload type). `<node>/status` says `status`: Dead, Asleep, Awake,
 * Alive; a sleeping node is well.
 */
import * as z from 'zod';
import { checkedOptions } from '../checked-options.ts';
import { tellingDriver } from '../mqtt/listening.ts';
import { below, numberIn } from '../mqtt/said.ts';
import { declare, deviceOptions, MEASURES, topicName, type Measure, type Telling } from '../mqtt/telling.ts';

/** Class and property in the topic. */
const KNOWN = {
  temperature: { ...MEASURES.temperature, at: ['sensor_multilevel', 'Air_temperature'] },
  humidity: { ...MEASURES.humidity, at: ['sensor_multilevel', 'Humidity'] },
  illuminance: { ...MEASURES.illuminance, at: ['sensor_multilevel', 'Illuminance'] },
  battery: { ...MEASURES.battery, at: ['battery', 'level'] },
  state: { ...MEASURES.state, at: ['switch_binary', 'currentValue'] },
} as const satisfies Record<string, Measure & { at: readonly [string, string] }>;

const schema = z.strictObject({
  ...deviceOptions(KNOWN, 5_400_000),
  base: topicName.default('zwave'),
  endpoint: z.number().int().min(0).max(127).default(0),
});

export function zwaveTelling(options: Readonly<Record<string, unknown>>): Telling {
  const { device, base, endpoint, measures, silentMs } = checkedOptions(options, schema);
  return {
    device,
    values: measures.map((name) => {
      const [commandClass, property] = KNOWN[name].at;
      const topic = `${base}/${device}/${commandClass}/endpoint_${endpoint}/${property}`;
      return { declared: declare(name, KNOWN[name]), sources: [{ topic, read: valueOf }] };
    }),
    presence: {
      topic: `${base}/${device}/status`,
      isThere: (said) => {
        const status = below(said, ['status']);
        return status === undefined ? null : status !== 'Dead';
      },
    },
    silentMs,
  };
}

function valueOf(said: unknown): number {
  if (typeof said !== 'object') return numberIn(said);
  const value = numberIn(below(said, ['value']));
  return below(said, ['unit']) === '°F' ? (value - 32) / 1.8 : value;
}

export const zwaveJsUi = tellingDriver(
  'zwave-js-ui',
  'Z-Wave node (Z-Wave JS UI)',
  zwaveTelling,
  Object.keys(KNOWN),
);
