/**
 * The configured sensors as children of a supervisor.
 * Owns: which driver and bus belong to a sensor, and what a sensor without them becomes: a child that fails with the
 * reason while the others run. Refuses: restarts (the supervisor's) and readings (the outlet's).
 * Called by the body of each host, never in the root process.
 */
import type { SensorState } from '../../src/shared/device-contract.ts';
import { MusterError } from '../../src/shared/errors.ts';
import type { BusConfig } from '../bus/bus-config.ts';
import type { SensorConfig } from '../config.ts';
import { CATALOG } from '../drivers/catalog.ts';
import type { Driver } from '../drivers/driver.ts';
import { busMissing } from '../bus/bus.ts';
import { startActor } from '../otp/actor.ts';
import type { ChildSpec } from '../otp/child.ts';
import type { Ticker } from '../otp/ticker.ts';
import type { Machine } from '../platform/machine.ts';
import { addressClashes } from './address-clash.ts';
import type { Buses } from './buses.ts';
import { Latest } from './latest.ts';
import { startSensor, type SensorOutlet } from './sensor-actor.ts';

export interface SensorsOptions {
  sensors: readonly SensorConfig[];
  buses: Buses;
  machine: Machine;
  ticker: Ticker;
  outlet: SensorOutlet;
  /** True for a sensor that a person has taken out: it is not started. Default: none. */
  isTakenOut?: (sensor: string) => boolean;
  /** Default: all there are. */
  catalog?: readonly Driver[];
  /** Within how many ms the first readings are spread, at most their period. Default 1000. */
  spreadMs?: number;
  /** Puts something around the driver of the sensor at place `n`. Default: nothing. */
  wrap?: (driver: Driver, n: number) => Driver;
}

/** One child a sensor, in configured order. */
export function sensorChildren(options: SensorsOptions): ChildSpec[] {
  const { sensors, buses, machine, ticker, outlet, isTakenOut = () => false } = options;
  const { catalog = CATALOG, spreadMs = 1000, wrap = (driver) => driver } = options;
  const latest = new Latest(ticker.clock);
  const clashes = addressClashes(sensors, catalog);
  return sensors.map((config, n) => ({
    id: config.id,
    start() {
      if (isTakenOut(config.id)) return 'ignore';
      const known = catalog.find(({ id }) => id === config.driver);
      const problem = misfit(config, catalog) ?? clashes.get(config.id) ?? null;
      if (!known || problem) return startBroken(config, problem, ticker, outlet);
      const driver = wrap(known, n);
      const bus = config.bus === undefined ? null : buses.find(config.bus);
      const period = config.periodMs ?? driver.periodMs;
      return startSensor({
        config,
        driver,
        bus,
        machine,
        ticker,
        outlet,
        latest,
        firstMs: firstMs(n, Math.min(period, spreadMs)),
      });
    },
  }));
}

/** Why each sensor will fail as configured, null when nothing speaks against it. `own`: drivers of the firmware. */
export function problemsOf(
  sensors: readonly SensorConfig[],
  buses: readonly BusConfig[],
  own: readonly Driver[] = [],
): (MusterError | null)[] {
  const catalog = [...CATALOG, ...own];
  const clashes = addressClashes(sensors, catalog);
  return sensors.map((config) => {
    const wrong = misfit(config, catalog) ?? clashes.get(config.id) ?? null;
    if (wrong || config.bus === undefined) return wrong;
    return buses.some(({ id }) => id === config.bus) ? null : busMissing(config.bus);
  });
}

/** The golden ratio spreads any number of sensors evenly. */
function firstMs(n: number, spreadMs: number): number {
  return ((n * 0.618_034) % 1) * spreadMs;
}

/** What is wrong with a sensor whatever the buses are like. */
function misfit(config: SensorConfig, catalog: readonly Driver[]): MusterError | null {
  const driver = catalog.find(({ id }) => id === config.driver);
  if (!driver) {
    const known = catalog.map(({ id }) => id).join(', ');
    return new MusterError('DRIVER_UNKNOWN', `there is no driver ${config.driver}; known: ${known}`, {
      driver: config.driver,
    });
  }
  if (driver.bus !== 'machine' && config.bus === undefined)
    return new MusterError('CONFIG_INVALID', `driver ${driver.id} needs a bus`, { sensor: config.id });
  const { address } = config;
  if (address !== undefined && driver.addresses.length > 0 && !driver.addresses.includes(address)) {
    const allowed = driver.addresses.map((at) => `0x${at.toString(16)}`).join(', ');
    return new MusterError('CONFIG_INVALID', `${driver.id} can be at ${allowed}`, { sensor: config.id });
  }
  return null;
}

/** A sensor that cannot be asked: it stands in the list with the reason and costs nothing. */
function startBroken(
  config: SensorConfig,
  problem: MusterError | null,
  ticker: Ticker,
  outlet: SensorOutlet,
): ReturnType<typeof startActor> {
  const row = (state: SensorState['state']): SensorState => ({
    sensor: config.id,
    name: config.name ?? config.id,
    driver: config.driver,
    bus: config.bus ?? '',
    state,
    lastError: problem?.message.slice(0, 500) ?? null,
  });
  outlet.report(row('failing'));
  return startActor({ onStop: () => outlet.report(row('stopped')) }, ticker);
}
