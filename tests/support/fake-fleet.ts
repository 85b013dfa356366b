/** Believable devices and channels for screens under test: every state a row can be in. */
import type { Channel, DeviceRecord, LinkState } from '../../src/shared/engine-contract.ts';
import { errorToWire, MusterError } from '../../src/shared/errors.ts';
import { QUANTITIES, type Quantity } from '../../src/shared/quantity.ts';

const MODELS = [
  'Raspberry Pi 4 Model B Rev 1.5',
  'Raspberry Pi Zero 2 W Rev 1.0',
  'Raspberry Pi 5 Model B Rev 1.0',
];

function link(state: LinkState['state'], now: number, more: Partial<LinkState> = {}): LinkState {
  return {
    state,
    since: now - 754_000,
    nextAttemptAt: null,
    behind: null,
    reconnects: 0,
    error: null,
    ...more,
  };
}

/** A device nobody has logged in to yet, changed by `more`. */
export function bareDevice(
  id: string,
  name: string,
  now: number,
  more: Partial<DeviceRecord> = {},
): DeviceRecord {
  return {
    id,
    name,
    hostname: `${name}.local`,
    kind: 'ssh',
    presence: 'nearby',
    addresses: [
      {
        host: `10.0.0.${(id.length * 7 + name.length * 13) % 250}`,
        port: 22,
        via: 'mdns',
        interface: 'eth0',
        lastSeen: now - 3000,
      },
    ],
    lastSeen: now - 3000,
    mine: false,
    installed: false,
    daemonVersion: null,
    model: null,
    system: null,
    arch: null,
    serial: null,
    user: null,
    hostKey: null,
    link: link('off', now),
    clock: null,
    sensors: null,
    newest: null,
    demo: false,
    ...more,
  };
}

/** What the daemon's installation adds to `device`. */
export function installedDevice(
  device: DeviceRecord,
  now: number,
  more: Partial<DeviceRecord> = {},
): DeviceRecord {
  return {
    ...device,
    kind: 'muster',
    mine: true,
    installed: true,
    daemonVersion: '0.1.0',
    model: MODELS[device.name.length % MODELS.length] ?? null,
    system: 'Debian GNU/Linux 12 (bookworm)',
    arch: 'arm64',
    serial: '10000000a1b2c3d4',
    user: 'pi',
    hostKey: {
      sha256: 'SHA256:5nVqYH2kMxqfH0bTz4o3c0y5S1uYh0Yh7kZsT9m3V4E',
      type: 'ssh-ed25519',
      words: 'amber falcon river cotton maple seven',
      trustedAt: Date.UTC(2026, 4, 3, 9, 12),
    },
    link: link('live', now),
    clock: 'ntp',
    sensors: { ok: 6, total: 6 },
    newest: now - 800,
    ...more,
  };
}

/** Nine devices in nine states. */
export function fakeDevices(now: number): DeviceRecord[] {
  const device = (id: string, name: string, more: Partial<DeviceRecord> = {}) =>
    installedDevice(bareDevice(id, name, now), now, more);
  return [
    device('d1', 'greenhouse-1'),
    device('d2', 'greenhouse-2', { sensors: { ok: 4, total: 6 } }),
    device('d3', 'orchard-north', {
      link: link('catching-up', now, { behind: 1240 }),
      newest: now - 5_400_000,
    }),
    device('d4', 'pump-house', {
      link: link('waiting', now, { nextAttemptAt: now + 8000, reconnects: 3 }),
      newest: now - 95_000,
    }),
    bareDevice('t5', 'weather-mast', now),
    bareDevice('t6', 'raspberrypi', now, {
      addresses: [{ host: '192.168.4.17', port: 22, via: 'typed', interface: null, lastSeen: now - 240_000 }],
      lastSeen: now - 240_000,
    }),
    bareDevice('t7', 'nerves-9f21', now, { kind: 'nerves' }),
    device('d8', 'cold-store', {
      link: link('refused', now, {
        error: errorToWire(
          new MusterError('HOST_KEY_CHANGED', 'the host key differs from the pinned one', {
            sha256: 'SHA256:0aK3rT9xQ2pLmB7vNc5yHd8wEf1gJi4oUs6kZtXqRbM',
            type: 'ssh-ed25519',
            words: 'copper lantern ocean velvet tiger nine',
            pinned: 'SHA256:5nVqYH2kMxqfH0bTz4o3c0y5S1uYh0Yh7kZsT9m3V4E',
          }),
        ),
      }),
      newest: now - 86_400_000,
    }),
    device('d9', 'silo-3', {
      presence: 'offline',
      lastSeen: now - 3 * 86_400_000,
      link: link('waiting', now, { nextAttemptAt: now + 60_000 }),
      addresses: [
        { host: '10.0.0.31', port: 22, via: 'remembered', interface: null, lastSeen: now - 3 * 86_400_000 },
      ],
      newest: now - 3 * 86_400_000,
    }),
  ];
}

const SENSORS: [
  sensor: string,
  name: string,
  driver: string,
  channel: string,
  quantity: Quantity,
  periodMs: number,
][] = [
  ['air', 'Air by the door', 'bme280', 'temperature', 'temperature', 1000],
  ['air', 'Air by the door', 'bme280', 'humidity', 'humidity', 1000],
  ['air', 'Air by the door', 'bme280', 'pressure', 'pressure', 1000],
  ['soil', 'Soil bed 2', 'tmp102', 'temperature', 'temperature', 1000],
  ['light', 'Light', 'bh1750', 'illuminance', 'illuminance', 1000],
  ['supply', 'Supply', 'ina219', 'voltage', 'voltage', 1000],
  ['supply', 'Supply', 'ina219', 'current', 'current', 1000],
  ['cpu', 'Processor', 'cpu-temperature', 'temperature', 'temperature', 5000],
  ['load', 'Load', 'load', 'load-1', 'load', 5000],
];

/** The channels of one device; ids from `first` on. */
export function fakeChannels(device: string, first: number, now: number): Channel[] {
  return SENSORS.map(([sensor, sensorName, driver, channel, quantity, periodMs], i) => ({
    id: first + i,
    device,
    sensor,
    sensorName,
    driver,
    channel,
    quantity,
    unit: QUANTITIES[quantity].unit,
    decimals: QUANTITIES[quantity].decimals,
    periodMs,
    last: { at: now - 800, value: fakeValue(first + i, quantity, now - 800), quality: 0 },
  }));
}

const LEVELS: Partial<Record<Quantity, [middle: number, swing: number]>> = {
  temperature: [21, 4],
  humidity: [58, 12],
  pressure: [101_300, 400],
  illuminance: [12_000, 9000],
  voltage: [12.6, 0.4],
  current: [0.42, 0.2],
  power: [5, 2],
  load: [0.3, 0.25],
  share: [40, 20],
  data: [2e8, 5e7],
  duration: [3600, 600],
  frequency: [50, 0.05],
};

/** A reading at `t` (epoch ms): a day's swing, minutes of weather, a little noise; the same for the same arguments. */
export function fakeValue(channel: number, quantity: Quantity, t: number): number {
  const [middle, swing] = LEVELS[quantity] ?? [50, 20];
  const noise = Math.sin(t * 0.0137 + channel * 7.1) * Math.sin(t * 0.00713 + channel);
  const weather = Math.sin(t / 190_000 + channel) * 0.3 + Math.sin(t / 47_000 + channel * 2) * 0.12;
  return middle + swing * (0.6 * Math.sin(t / 13_750_000 + channel) + weather + noise * 0.05);
}
