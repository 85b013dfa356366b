/** What a device measures when nobody has told it: its own health, and what the kernel's drivers offer. */
import type { SensorConfig } from '../config.ts';
import { hwmonChips, iioDevices } from '../platform/kernel-chips.ts';
import type { Machine } from '../platform/machine.ts';

/** Sensors of a machine without a configuration. */
export function defaultSensors(machine: Machine): SensorConfig[] {
  const sensors: SensorConfig[] = [
    { id: 'load', name: 'Processor load', driver: 'load', options: {} },
    { id: 'memory', name: 'Memory', driver: 'memory', options: {} },
    { id: 'disk', name: 'Disk', driver: 'disk', options: {} },
    { id: 'uptime', name: 'Uptime', driver: 'uptime', options: {} },
  ];
  if (machine.list('sys/class/thermal').some((entry) => entry.startsWith('thermal_zone')))
    sensors.unshift({ id: 'cpu', name: 'Processor temperature', driver: 'cpu-temperature', options: {} });
  for (const chip of hwmonChips(machine))
    sensors.push({ id: idOf('hwmon', chip), name: chip, driver: 'hwmon', options: { chip } });
  for (const device of iioDevices(machine))
    sensors.push({ id: idOf('iio', device), name: device, driver: 'iio', options: { device } });
  return sensors;
}

function idOf(kind: string, name: string): string {
  return `${kind}-${name.replaceAll(/[^A-Za-z0-9._-]/g, '-')}`.slice(0, 60);
}
