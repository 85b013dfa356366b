/** Every driver there is, one line each. A new chip is one folder and one line here. */
import { bh1750 } from './bh1750/bh1750.ts';
import { bme280 } from './bme280/bme280.ts';
import type { Driver } from './driver.ts';
import { cpuTemperature } from './system/cpu-temperature.ts';
import { disk } from './system/disk.ts';
import { hwmon } from './system/hwmon.ts';
import { iio } from './system/iio.ts';
import { load } from './system/load.ts';
import { memory } from './system/memory.ts';
import { uptime } from './system/uptime.ts';
import { tmp102 } from './tmp102/tmp102.ts';

/** Chips on a bus, then what the machine itself offers. */
export const CATALOG: readonly Driver[] = [
  bh1750,
  bme280,
  tmp102,
  cpuTemperature,
  load,
  memory,
  disk,
  uptime,
  hwmon,
  iio,
];

const BY_ID = new Map(CATALOG.map((driver) => [driver.id, driver]));

/** The driver of that id, undefined when there is none. */
export function driverById(id: string): Driver | undefined {
  return BY_ID.get(id);
}
