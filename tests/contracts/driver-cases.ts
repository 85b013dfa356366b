/** What the driver contract holds each driver to: low, middle and high of every channel, and what its chip can notice. */
import type { ContractCase } from './driver-contract.ts';

type Channels = ContractCase['channels'];

const power = (highest: number, step: number, shunt: number): Channels => ({
  voltage: { world: 'voltage', values: [0, 11.98, highest], within: step },
  current: { world: 'current', values: [-shunt, 0.25, shunt], within: 1e-4 },
  // of the current, at the 5 V that the bench holds
  power: { world: 'current', values: [-shunt, 0.25, shunt], within: 0.01, shows: (amperes) => 5 * amperes },
});

const analog = (names: readonly string[], highest: number, step: number): Channels =>
  Object.fromEntries(
    names.map((name) => [name, { world: name, values: [0, highest / 3, highest - step], within: step }]),
  );

const climate: Channels = {
  temperature: { world: 'temperature', values: [-40, 21.37, 85], within: 0.003 },
  humidity: { world: 'humidity', values: [0, 45.5, 100], within: 0.002 },
};

/** A device that tells a broker of temperature and humidity. `device`: its name, that of its kind. */
const teller = (device: string): ContractCase => ({
  options: { device, measures: ['temperature', 'humidity'] },
  channels: {
    temperature: { world: 'temperature', values: [-60, 21.37, 125], within: 0.005 },
    humidity: { world: 'humidity', values: [0, 45.5, 100], within: 0.005 },
  },
  settleMs: 1000,
  speaks: true,
});

export const CASES: Record<string, ContractCase> = {
  tmp102: { channels: { temperature: { world: 'temperature', values: [-40, 21.5, 125], within: 0.032 } } },
  tmp105: { channels: { temperature: { world: 'temperature', values: [-55, 21.5, 127], within: 0.032 } } },
  lm75: { channels: { temperature: { world: 'temperature', values: [-55, 21.3, 125], within: 0.25 } } },
  mcp9808: { channels: { temperature: { world: 'temperature', values: [-40, 25.25, 125], within: 0.032 } } },
  bme280: {
    channels: {
      temperature: { world: 'temperature', values: [-40, 25.08, 85], within: 0.011 },
      humidity: { world: 'humidity', values: [0, 45.5, 100], within: 0.05 },
      pressure: { world: 'pressure', values: [30_000, 101_325, 110_000], within: 2 },
    },
  },
  bmp280: {
    channels: {
      temperature: { world: 'temperature', values: [-40, 25.08, 85], within: 0.011 },
      pressure: { world: 'pressure', values: [30_000, 100_653, 110_000], within: 2 },
    },
  },
  sht3x: { channels: climate, checked: true },
  sht4x: { channels: climate, checked: true },
  aht20: { channels: climate, checked: true },
  scd4x: {
    channels: {
      co2: { world: 'co2', values: [400, 1000, 40_000], within: 0.5 },
      temperature: { world: 'temperature', values: [-10, 25, 60], within: 0.002 },
      humidity: { world: 'humidity', values: [0, 37, 100], within: 0.001 },
    },
    settleMs: 5000,
    checked: true,
  },
  sgp40: {
    channels: {
      'voc-signal': { world: 'signal', values: [1, 30_000, 65_534], within: 1 },
      // air that stays as it is, is the average; tests/device/drivers/voc-index.test.ts has the rest
      'voc-index': { world: 'signal', values: [1, 30_000, 65_534], within: 4, shows: () => 100, drifts: 10 },
    },
    learns: 400,
    checked: true,
  },
  bh1750: { channels: { light: { world: 'light', values: [0, 400, 54_612], within: 0.5 } } },
  veml7700: { channels: { light: { world: 'light', values: [0, 400, 120_000], within: [0, 0.02, 25] } } },
  ina219: { channels: power(26, 0.0021, 3.2), holds: { voltage: 5 } },
  ina226: { channels: power(36, 0.000_63, 0.8192), holds: { voltage: 5 } },
  ads1115: { channels: analog(['a0', 'a1', 'a2', 'a3'], 4.096, 0.000_13) },
  mcp3008: { channels: analog(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'], 3.3, 0.0033) },
  ds18b20: {
    channels: { temperature: { world: 'temperature', values: [-55, 10.1, 125], within: 0.032 } },
    checked: true,
  },
  'modbus-map': {
    sim: 'meter',
    options: {
      unit: 1,
      channels: [
        {
          channel: 'voltage',
          quantity: 'voltage',
          table: 'input',
          address: 0,
          type: 'f32',
          plausible: [0, 500],
        },
        {
          channel: 'current',
          quantity: 'current',
          table: 'input',
          address: 2,
          type: 'f32',
          plausible: [0, 100],
        },
        { channel: 'inside', quantity: 'temperature', address: 0, type: 's16', scale: 0.1, decimals: 1 },
      ],
    },
    channels: {
      voltage: { world: 'voltage', values: [0, 229.87, 500], within: 1e-4 },
      current: { world: 'current', values: [0, 3.21, 100], within: 1e-5 },
      inside: { world: 'temperature', values: [-40, 31.26, 3276.7], within: 0.051 },
    },
    checked: true,
  },
  'serial-lines': {
    sim: 'printer',
    options: {
      channels: [
        { channel: 'temperature', quantity: 'temperature', plausible: [-60, 80] },
        { channel: 'humidity', quantity: 'humidity', plausible: [0, 100] },
      ],
      silentMs: 120_000,
    },
    channels: {
      temperature: { world: 'temperature', values: [-60, 21.37, 80], within: 0.005 },
      humidity: { world: 'humidity', values: [0, 45.5, 100], within: 0.005 },
    },
    settleMs: 1000,
    speaks: true,
  },
  'mqtt-topic': {
    ...teller('shelly-gen1'),
    sim: 'shelly-gen1',
    options: {
      channels: ['temperature', 'humidity'].map((quantity) => ({
        channel: quantity,
        quantity,
        topic: `shellies/shelly-gen1/sensor/${quantity}`,
      })),
    },
  },
  zigbee2mqtt: teller('zigbee2mqtt'),
  'zwave-js-ui': teller('zwave-js-ui'),
  tasmota: teller('tasmota'),
  'shelly-gen1': teller('shelly-gen1'),
  shelly: teller('shelly'),
  'gpio-input': {
    sim: 'switch',
    options: { line: 17, activeLow: false },
    channels: { state: { world: 'level', values: [0, 0.4, 1], within: 0, shows: Math.round } },
  },
  'pulse-counter': {
    sim: 'pulses',
    options: { line: 17, kind: 'flow', perPulse: 0.01 },
    channels: {
      total: { world: 'rate', values: [0, 50, 1000], within: 0.02, shows: (hz) => hz * 0.01 * 10 },
      rate: { world: 'rate', values: [0, 50, 1000], within: 0.02, shows: (hz) => hz * 0.01 },
    },
    settleMs: 9000,
    counts: true,
  },
};
