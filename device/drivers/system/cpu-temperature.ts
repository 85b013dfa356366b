/** Temperatures of the thermal zones (kernel: Documentation/driver-api/thermal/sysfs-api): m°C in `temp`. */
import { MusterError } from '../../../src/shared/errors.ts';
import type { Machine } from '../../platform/machine.ts';
import type { Driver } from '../driver.ts';
import { needNumber } from './source.ts';

const FOLDER = 'sys/class/thermal';

interface Zone {
  name: string;
  path: string;
}

/** Zones that say a temperature now, named by their `type`; a second one of a type gets its folder's name. */
function zones(machine: Machine): Zone[] {
  const found: Zone[] = [];
  for (const entry of machine.list(FOLDER)) {
    if (!entry.startsWith('thermal_zone')) continue;
    const path = `${FOLDER}/${entry}/temp`;
    const type = machine.text(`${FOLDER}/${entry}/type`);
    if (!type || machine.text(path) === null) continue;
    found.push({ name: found.some((zone) => zone.name === type) ? entry : type, path });
  }
  return found;
}

export const cpuTemperature: Driver = {
  id: 'cpu-temperature',
  title: 'Processor temperature',
  bus: 'machine',
  addresses: [],
  periodMs: 1000,
  channels({ machine }) {
    const found = zones(machine);
    if (found.length === 0)
      throw new MusterError('BUS_MISSING', 'this machine has no thermal zone', { path: `/${FOLDER}` });
    return found.map(({ name }) => ({
      channel: name,
      quantity: 'temperature',
      decimals: 1,
      plausible: [-40, 150],
    }));
  },
  async open({ machine }) {
    const paths = zones(machine).map(({ path }) => path);
    return {
      read(values) {
        for (const [i, path] of paths.entries()) values[i] = needNumber(machine, path) / 1000;
      },
    };
  },
};
