/**
 * A Shelly of the second generation or later. `<device>/events/rpc` carries what changed as a notification,
 * `{"method":"NotifyStatus","params":{"temperature:0":{"tC":21.3}}}` (NotifyFullStatus with all after waking up), and
 * `<device>/status/temperature:0` the whole status of a component; which of them is sent is a setting of the device, so both
 * are heard. `<device>/online` says true or false (Shelly API documentation, "Gen2": Notifications; Components, MQTT,
 * Temperature, Humidity, DevicePower, Illuminance, Switch).
 */
import * as z from 'zod';
import { checkedOptions } from '../checked-options.ts';
import { tellingDriver } from '../mqtt/listening.ts';
import { below, numberIn } from '../mqtt/said.ts';
import { declare, deviceOptions, eitherOf, MEASURES, type Measure, type Telling } from '../mqtt/telling.ts';

/** By component and the keys below it. */
const KNOWN = {
  temperature: { ...MEASURES.temperature, of: 'temperature', keys: ['tC'] },
  humidity: { ...MEASURES.humidity, of: 'humidity', keys: ['rh'] },
  battery: { ...MEASURES.battery, of: 'devicepower', keys: ['battery', 'percent'] },
  illuminance: { ...MEASURES.illuminance, of: 'illuminance', keys: ['lux'] },
  power: { ...MEASURES.power, of: 'switch', keys: ['apower'] },
  voltage: { ...MEASURES.voltage, of: 'switch', keys: ['voltage'] },
  current: { ...MEASURES.current, of: 'switch', keys: ['current'] },
  state: { ...MEASURES.state, of: 'switch', keys: ['output'] },
} as const satisfies Record<string, Measure & { of: string; keys: readonly string[] }>;

const schema = z.strictObject({
  ...deviceOptions(KNOWN, 900_000),
  /** Number of the component: 100 and up on the add-on board. */
  component: z.number().int().min(0).max(999).default(0),
  /** Sleeps between two words, on a battery: that it is not online says nothing. Left out: when its battery is recorded. */
  sleeps: z.boolean().optional(),
});

export function shellyTelling(options: Readonly<Record<string, unknown>>): Telling {
  const { device, component, measures, silentMs, sleeps } = checkedOptions(options, schema);
  return {
    device,
    values: measures.map((name) => {
      const { of, keys } = KNOWN[name];
      const id = `${of}:${of === 'devicepower' ? 0 : component}`;
      return {
        declared: declare(name, KNOWN[name]),
        sources: [
          { topic: `${device}/events/rpc`, read: (said) => numberIn(below(said, ['params', id, ...keys])) },
          { topic: `${device}/status/${id}`, read: (said) => numberIn(below(said, keys)) },
        ],
      };
    }),
    presence:
      (sleeps ?? measures.includes('battery'))
        ? null
        : { topic: `${device}/online`, isThere: eitherOf('true', 'false') },
    silentMs,
  };
}

export const shelly = tellingDriver(
  'shelly',
  'Shelly, second generation or later',
  shellyTelling,
  Object.keys(KNOWN),
);
