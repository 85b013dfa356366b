/**
 * A device with Tasmota. `tele/<topic>/SENSOR` carries one JSON object with a key for each of its chips, and units beside
 * them: `{"Time":…,"AM2301":{"Temperature":21.3,"Humidity":48.0},"PressureUnit":"hPa","TempUnit":"C"}`;
 * `tele/<topic>/LWT` says Online or Offline (Tasmota documentation, "MQTT": topics, LWT; "Commands": SetOption8, SetOption24
 * for units, TelePeriod, 300 s unless told).
 */
import * as z from 'zod';
import { checkedOptions } from '../checked-options.ts';
import { tellingDriver } from '../mqtt/listening.ts';
import { below, numberIn, textIn } from '../mqtt/said.ts';
import { declare, deviceOptions, eitherOf, MEASURES, type Measure, type Telling } from '../mqtt/telling.ts';

/** By Tasmota's key of each. */
const KNOWN = {
  temperature: { ...MEASURES.temperature, key: 'Temperature' },
  humidity: { ...MEASURES.humidity, key: 'Humidity' },
  pressure: { ...MEASURES.pressure, key: 'Pressure' },
  illuminance: { ...MEASURES.illuminance, key: 'Illuminance' },
  co2: { ...MEASURES.co2, key: 'CarbonDioxide' },
  power: { ...MEASURES.power, key: 'Power' },
  voltage: { ...MEASURES.voltage, key: 'Voltage' },
  current: { ...MEASURES.current, key: 'Current' },
} as const satisfies Record<string, Measure & { key: string }>;
type Known = keyof typeof KNOWN;

/** Pa of a unit of pressure. */
const PASCALS = new Map([
  ['hPa', 100],
  ['mmHg', 133.322],
  ['inHg', 3386.39],
]);

const schema = z.strictObject({
  ...deviceOptions(KNOWN, 900_000),
  /** Key of the chip: AM2301, DS18B20-1, ENERGY. Left out: the first that has the value. */
  chip: z.string().min(1).max(60).optional(),
});

export function tasmotaTelling(options: Readonly<Record<string, unknown>>): Telling {
  const { device, chip, measures, silentMs } = checkedOptions(options, schema);
  const topic = `tele/${device}/SENSOR`;
  return {
    device,
    values: measures.map((name) => ({
      declared: declare(name, KNOWN[name]),
      sources: [{ topic, read: (said) => inOurUnit(name, chipIn(said, chip, KNOWN[name].key), said) }],
    })),
    presence: { topic: `tele/${device}/LWT`, isThere: eitherOf('online', 'offline') },
    silentMs,
  };
}

function chipIn(said: unknown, chip: string | undefined, key: string): number {
  if (chip !== undefined) return numberIn(below(said, [chip, key]));
  if (typeof said !== 'object' || said === null) return Number.NaN;
  const holder = Object.values(said).find((value) => below(value, [key]) !== undefined);
  return numberIn(below(holder, [key]));
}

function inOurUnit(name: Known, value: number, said: unknown): number {
  if (name === 'temperature' && below(said, ['TempUnit']) === 'F') return (value - 32) / 1.8;
  if (name !== 'pressure') return value;
  const unit = below(said, ['PressureUnit']) ?? 'hPa';
  return value * (PASCALS.get(textIn(unit)) ?? Number.NaN);
}

export const tasmota = tellingDriver('tasmota', 'Tasmota device', tasmotaTelling, Object.keys(KNOWN));
