/** Two configured chips of different kinds at one address of one bus: the second is not asked, for the first would answer. Pure. */
import { MusterError } from '../../src/shared/errors.ts';
import type { SensorConfig } from '../config.ts';
import type { Driver } from '../drivers/driver.ts';

/** Why a sensor must not run, by its id; in configured order the first at an address keeps it. */
export function addressClashes(
  sensors: readonly SensorConfig[],
  catalog: readonly Driver[],
): Map<string, MusterError> {
  const drivers = new Map(catalog.map((driver) => [driver.id, driver]));
  const holders = new Map<string, SensorConfig>();
  const clashes = new Map<string, MusterError>();
  for (const sensor of sensors) {
    const address = sensor.address ?? drivers.get(sensor.driver)?.addresses[0];
    if (sensor.bus === undefined || address === undefined) continue;
    const place = `0x${address.toString(16).padStart(2, '0')} on ${sensor.bus}`;
    const holder = holders.get(place);
    if (!holder) holders.set(place, sensor);
    else if (holder.driver !== sensor.driver)
      clashes.set(
        sensor.id,
        new MusterError(
          'CONFIG_INVALID',
          `${place} is configured as ${holder.id} (${holder.driver}) already`,
          {
            sensor: sensor.id,
            other: holder.id,
          },
        ),
      );
  }
  return clashes;
}
