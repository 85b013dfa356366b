/**
 * The configuration a daemon runs on: the device's own file, and the station's that its firmware may bring.
 * A firmware that brings one decides what is measured and how, so that going back to the firmware before brings its
 * configuration back too. What belongs to this one box stays the device's own: its name, and how it is announced.
 */
import { readFileSync } from 'node:fs';
import { toMusterError, type MusterError } from '../src/shared/errors.ts';
import { parseConfig, type Config } from './config.ts';

/** What to run on. `problem`: why a file was left aside; then the other one, or the defaults, stand in for it. */
export interface StationConfig {
  config: Config;
  problem: MusterError | null;
  /** True when sensors and buses are the firmware's. */
  byFirmware: boolean;
}

/** Reads both files; one that is missing is not wrong. */
export function readStation(ownPath: string, firmwarePath: string | null): StationConfig {
  const own = readConfig(ownPath);
  const firmware = firmwarePath === null ? ABSENT : readConfig(firmwarePath);
  const problem = firmware.problem ?? own.problem;
  const device = own.config ?? parseConfig('');
  if (!firmware.config) return { config: device, problem, byFirmware: false };
  const { announce, name = firmware.config.name } = device;
  return { config: { ...firmware.config, announce, ...(name && { name }) }, problem, byFirmware: true };
}

interface ReadConfig {
  config: Config | null;
  problem: MusterError | null;
}

const ABSENT: ReadConfig = { config: null, problem: null };

function readConfig(path: string): ReadConfig {
  try {
    return { config: parseConfig(readFileSync(path, 'utf8')), problem: null };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ABSENT;
    return { config: null, problem: toMusterError(error, 'CONFIG_INVALID') };
  }
}
