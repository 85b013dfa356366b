/** Which sensors share a host: those of one physical bus, and in one more all that hang on no configured bus. Pure. */
import type { BusConfig } from '../bus/bus-config.ts';
import type { Config, SensorConfig } from '../config.ts';

export type HostMode = Config['hosts']['mode'];

/** A host to be. */
export interface Allotment {
  /** Id of the bus, or MACHINE. Its name in the tree. */
  id: string;
  mode: HostMode;
  memoryMb: number;
  buses: BusConfig[];
  sensors: SensorConfig[];
}

/** Host of the machine's own sensors; a bus of that name would share it. */
export const MACHINE = 'machine';

/** The hosts of a configuration, the machine's first, then in the order of the buses. None without a sensor. */
export function allot(
  { buses, hosts }: Pick<Config, 'buses' | 'hosts'>,
  sensors: readonly SensorConfig[],
): Allotment[] {
  const machine: Allotment = {
    id: MACHINE,
    mode: hosts.mode,
    memoryMb: hosts.memoryMb,
    buses: [],
    sensors: [],
  };
  const byId = new Map([[MACHINE, machine]]);
  for (const bus of buses) {
    const { mode = hosts.mode, memoryMb = hosts.memoryMb } = bus.host ?? {};
    const host = byId.get(bus.id) ?? { ...machine, id: bus.id, mode, memoryMb, buses: [], sensors: [] };
    host.buses.push(bus);
    byId.set(bus.id, host);
  }
  for (const sensor of sensors) (byId.get(sensor.bus ?? MACHINE) ?? machine).sensors.push(sensor);
  return [...byId.values()].filter((host) => host.sensors.length > 0);
}
