/** Status and supervision tree of a make-believe device. */
import type { DeviceStatus, TreeRow } from '../../src/shared/device-contract.ts';
import type { DeviceRecord } from '../../src/shared/engine-contract.ts';

const SENSORS = [
  ['air', 'Air by the door', 'bme280', 'i2c-1'],
  ['soil', 'Soil bed 2', 'tmp102', 'i2c-1'],
  ['light', 'Light', 'bh1750', 'i2c-1'],
  ['supply', 'Supply', 'ina219', 'i2c-1'],
  ['cpu', 'Processor', 'cpu-temperature', 'sysfs'],
  ['load', 'Load', 'load', 'proc'],
] as const;

const SAFE_REASON = 'the daemon died 5 times in a row within 60 s of its start';

function failing(device: DeviceRecord): number {
  return device.sensors ? device.sensors.total - device.sensors.ok : 0;
}

/** What a person did to a make-believe device, and what it is in. */
export interface FakeAdministration {
  mode: DeviceStatus['mode'];
  takenOut: Set<string>;
  /** What its journal says besides. */
  journal?: Partial<DeviceStatus['journal']>;
}

export function fakeStatus(
  device: DeviceRecord,
  { mode, takenOut, journal }: FakeAdministration,
): DeviceStatus {
  return {
    uptimeS: 754_321,
    daemonVersion: '0.1.0',
    nodeVersion: '24.21.0',
    sensors: SENSORS.map(([sensor, name, driver, bus], i) => ({
      sensor,
      name,
      driver,
      bus,
      state: mode === 'safe' || takenOut.has(sensor) ? 'stopped' : i < failing(device) ? 'failing' : 'ok',
      lastError: i < failing(device) ? 'nothing answers at 0x76 on i2c-1' : null,
      ...(takenOut.has(sensor) ? { takenOut: true } : {}),
    })),
    readingsPerS: 7.4,
    journal: {
      batches: 41_230,
      bytes: 48_200_000,
      maxBytes: 512_000_000,
      bytesPerDay: 5_400_000,
      trimmedBatches: 0,
      bytesPerDayFrom: 'kernel',
      mayLoseMs: 250,
      mayLoseIdleMs: 5000,
      lostReadings: 0,
      damagedBatches: 0,
      asides: [],
      waitingBytes: 0,
      problem: null,
      ...journal,
    },
    disk: { freeBytes: 24_700_000_000, totalBytes: 31_900_000_000 },
    memoryBytes: 61_000_000,
    clock: 'ntp',
    mode,
    modeReason: mode === 'safe' ? SAFE_REASON : null,
    watchdog: { state: 'armed', timeoutS: 15, identity: 'Broadcom BCM2835 Watchdog timer' },
  };
}

export function fakeTree(device: DeviceRecord, { mode, takenOut }: FakeAdministration): TreeRow[] {
  const row = (path: string, kind: TreeRow['kind'], more: Partial<TreeRow> = {}): TreeRow => ({
    path,
    kind,
    state: 'running',
    restarts: 0,
    restartsInWindow: 0,
    nextAttemptMs: null,
    lastCause: null,
    ...more,
  });
  const safe = { state: 'stopped', lastCause: `safe mode: ${SAFE_REASON}` } as const;
  return [
    row('muster', 'supervisor'),
    row('muster/journal', 'worker'),
    row('muster/control', 'worker'),
    row('muster/sensors', 'supervisor', mode === 'safe' ? safe : {}),
    ...SENSORS.map(([sensor], i) => {
      const path = `muster/sensors/${sensor}`;
      if (takenOut.has(sensor))
        return row(path, 'worker', {
          sensor,
          state: 'stopped',
          takenOut: true,
          lastCause: 'taken out by a person',
        });
      if (mode === 'safe') return row(path, 'worker', { sensor, ...safe, lastCause: 'off in safe mode' });
      if (i >= failing(device)) return row(path, 'worker', { sensor });
      return row(path, 'worker', {
        sensor,
        state: 'restarting',
        restarts: 14,
        restartsInWindow: 3,
        nextAttemptMs: 4200 - (Date.now() % 4000),
        lastCause: 'nothing answers at 0x76 on i2c-1',
      });
    }),
  ];
}
