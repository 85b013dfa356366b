/** Which sensors there are, from what the device tells and what the archive knows. Pure. */
import type { SensorState } from '../../../src/shared/device-contract.ts';
import type { Channel } from '../../../src/shared/engine-contract.ts';

/** A sensor as the table shows it; `taken-out`: by a person; `not-told`: the device said nothing about it. */
export interface SensorRow {
  id: string;
  name: string;
  driver: string;
  state: SensorState['state'] | 'taken-out' | 'not-told';
  lastError: string | null;
  channels: Channel[];
}

/** Sensors as the device tells them; without a link, those that the archive knows. */
export function sensorRows(told: readonly SensorState[], channels: readonly Channel[]): SensorRow[] {
  const bySensor = Map.groupBy(channels, (channel) => channel.sensor);
  const rows = told.map(({ sensor, name, driver, state, lastError, takenOut }): SensorRow => ({
    id: sensor,
    name,
    driver,
    state: takenOut ? 'taken-out' : state,
    lastError: takenOut ? null : lastError,
    channels: bySensor.get(sensor) ?? [],
  }));
  const known = new Set(told.map(({ sensor }) => sensor));
  for (const [sensor, its] of bySensor) {
    const [first] = its;
    if (!first || known.has(sensor)) continue;
    const { sensorName: name, driver } = first;
    rows.push({ id: sensor, name, driver, state: 'not-told', lastError: null, channels: its });
  }
  return rows;
}
