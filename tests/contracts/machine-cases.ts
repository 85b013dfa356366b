/** What the contract of system drivers holds each to: the files of a machine for a value of each channel. */

export interface MachineCase {
  options?: Record<string, unknown>;
  /** The files of a machine whose every channel is at the same place of its range. */
  files: (place: 0 | 1 | 2) => Record<string, string>;
  /** What each channel is then. */
  channels: Record<string, readonly [low: number, middle: number, high: number]>;
  /** Bytes of the file system, for who asks that instead. */
  space?: (place: 0 | 1 | 2) => { freeBytes: number; totalBytes: number };
}

const MiB = 1024 * 1024;
const ZONE = 'sys/class/thermal/thermal_zone0';
const CHIP = 'sys/class/hwmon/hwmon0';
const DEVICE = 'sys/bus/iio/devices/iio:device0';

export const MACHINE_CASES: Record<string, MachineCase> = {
  'cpu-temperature': {
    files: (at) => ({
      [`${ZONE}/type`]: 'cpu-thermal',
      [`${ZONE}/temp`]: ['-40000', '48686', '150000'][at]!,
    }),
    channels: { 'cpu-thermal': [-40, 48.686, 150] },
  },
  load: {
    files: (at) => ({
      'proc/loadavg': ['0.00 0.00 0.00 1/80 9', '0.31 0.18 0.05 1/143 2231', '9999.00 5000.50 800.25 9/9 9'][
        at
      ]!,
    }),
    channels: { load1: [0, 0.31, 9999], load5: [0, 0.18, 5000.5], load15: [0, 0.05, 800.25] },
  },
  memory: {
    files: (at) => ({
      'proc/meminfo': `MemTotal:        1048576 kB\nMemFree:          1 kB\nMemAvailable:    ${[0, 262_144, 1_048_576][at]} kB`,
    }),
    channels: { available: [0, 256 * MiB, 1024 * MiB], used: [100, 75, 0] },
  },
  disk: {
    files: () => ({}),
    space: (at) => ({
      freeBytes: [0, 250, 64_000_000_000][at]!,
      totalBytes: at === 2 ? 64_000_000_000 : 1000,
    }),
    channels: { free: [0, 250, 64_000_000_000], used: [100, 75, 0] },
  },
  uptime: {
    files: (at) => ({ 'proc/uptime': ['0.01 0.00', '3661.42 14233.11', '9999999999.99 1.00'][at]! }),
    channels: { uptime: [0.01, 3661.42, 9_999_999_999.99] },
  },
  hwmon: {
    options: { chip: 'monitor' },
    files: (at) => ({
      [`${CHIP}/name`]: 'monitor',
      [`${CHIP}/temp1_input`]: ['-60000', '48686', '200000'][at]!,
      [`${CHIP}/in0_input`]: ['-12000', '5104', '48000'][at]!,
      [`${CHIP}/in0_label`]: 'solar',
      [`${CHIP}/curr1_input`]: ['-3200', '-312', '15000'][at]!,
      [`${CHIP}/power1_input`]: ['0', '1592000', '99000000000'][at]!,
      [`${CHIP}/humidity1_input`]: ['0', '45500', '100000'][at]!,
      [`${CHIP}/freq1_input`]: ['0', '600000000', '5000000000'][at]!,
    }),
    channels: {
      curr1: [-3.2, -0.312, 15],
      freq1: [0, 600e6, 5e9],
      humidity1: [0, 45.5, 100],
      'in0 solar': [-12, 5.104, 48],
      power1: [0, 1.592, 99_000],
      temp1: [-60, 48.686, 200],
    },
  },
  iio: {
    options: { device: 'weather' },
    files: (at) => ({
      [`${DEVICE}/name`]: 'weather',
      [`${DEVICE}/in_temp_input`]: ['-40000', '24310', '85000'][at]!,
      [`${DEVICE}/in_humidityrelative_input`]: ['0', '45500', '100000'][at]!,
      [`${DEVICE}/in_pressure_input`]: ['30.000', '101.325', '110.000'][at]!,
      [`${DEVICE}/in_illuminance_input`]: ['0', '400.5', '120000'][at]!,
      [`${DEVICE}/in_current_input`]: ['-1000', '250', '1000'][at]!,
      [`${DEVICE}/in_power_input`]: ['0', '1592', '99000000'][at]!,
      // 12 bits, offset by half of them, 2 mV a step
      [`${DEVICE}/in_voltage0_raw`]: ['0', '3048', '4095'][at]!,
      [`${DEVICE}/in_voltage0_offset`]: '-2048',
      [`${DEVICE}/in_voltage_scale`]: '2',
    }),
    channels: {
      current: [-1, 0.25, 1],
      humidityrelative: [0, 45.5, 100],
      illuminance: [0, 400.5, 120_000],
      power: [0, 1.592, 99_000],
      pressure: [30_000, 101_325, 110_000],
      temp: [-40, 24.31, 85],
      voltage0: [-4.096, 2, 4.094],
    },
  },
};
