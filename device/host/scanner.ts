/**
 * Looks who hangs on a bus, for a person: in the host that owns it, or in one made for the moment where nobody does.
 * Owns: which host is asked, for how long, and that two people who look at once share one look. Refuses: to open a bus in
 * the root process. Called by control.
 */
import { MusterError } from '../../src/shared/errors.ts';
import type { BusLook, BusRow, BusScan, PlainSensor } from '../../src/shared/device-scan-calls.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Clock } from '../../src/shared/time.ts';
import { SENSORS } from '../administration/administration.ts';
import { knownBuses, type KnownBus } from '../platform/known-buses.ts';
import type { Config, SensorConfig } from '../config.ts';
import type { Supervisor } from '../otp/supervisor.ts';
import type { Machine } from '../platform/machine.ts';
import { allot } from './allotment.ts';
import { Host, startHost, type HostOptions } from './host.ts';
import { Quarantine } from './quarantine.ts';

export interface ScannerParts {
  config: Config;
  sensors: readonly SensorConfig[];
  machine: Machine;
  root: () => Supervisor | null;
  /** What all hosts share. */
  hosts: Pick<HostOptions, 'prefix' | 'folder' | 'entry'>;
  clock: Clock;
  log: Log;
}

/** Longest look, ms: more than the look itself allows, and the start of a process on a slow board. */
const LOOK_MS = 40_000;

export class Scanner {
  readonly #parts: ScannerParts;
  readonly #looks = new Map<string, Promise<BusLook>>();
  #made = 0;

  constructor(parts: ScannerParts) {
    this.#parts = parts;
  }

  /** As the device's call `buses`. */
  buses(): { buses: BusRow[]; byItself: PlainSensor[] | null } {
    const { config, sensors } = this.#parts;
    const byItself = config.sensors
      ? null
      : sensors.map(({ id, name = id, driver, options }) => ({ id, name, driver, options }));
    return { buses: this.#known().map(({ row }) => row), byItself };
  }

  /** As the device's call `scanBus`. */
  async scan(name: string): Promise<BusScan> {
    const known = this.#known();
    const found = known.find(({ row }) => row.bus === name) ?? known.find(({ row }) => row.device === name);
    if (!found) {
      const names = known.map(({ row }) => row.bus).join(', ') || 'none';
      throw new MusterError('BUS_MISSING', `there is no bus ${name}; there are: ${names}`, { bus: name });
    }
    if (!found.config) return { bus: found.row, found: [], note: UNKNOWN_LINE };
    const key = found.row.bus;
    const look = this.#looks.get(key) ?? this.#look(found.config).finally(() => this.#looks.delete(key));
    this.#looks.set(key, look);
    return { bus: found.row, ...(await look) };
  }

  #known(): KnownBus[] {
    return knownBuses(this.#parts.config.buses, this.#parts.machine);
  }

  #look(bus: NonNullable<KnownBus['config']>): Promise<BusLook> {
    const { config, sensors, root } = this.#parts;
    const owner = allot(config, sensors).find(({ buses }) => buses.some(({ id }) => id === bus.id));
    const running = owner && root()?.find(`${SENSORS}/${owner.id}`);
    if (running instanceof Host) return this.#inTime(bus.id, running.look(bus.id));
    return this.#lookAlone(bus);
  }

  /** In a host of its own, which runs no sensor and ends with the look, however that ends. */
  async #lookAlone(bus: NonNullable<KnownBus['config']>): Promise<BusLook> {
    const { config, sensors, clock, log, hosts } = this.#parts;
    const { heartbeatMs, allowanceMs, mode, memoryMb } = config.hosts;
    const id = `look-${++this.#made}`;
    const its = sensors.filter((sensor) => sensor.bus === bus.id);
    const host = await startHost(
      {
        ...hosts,
        allotment: { id, mode, memoryMb, buses: [bus], sensors: its },
        beatMs: heartbeatMs,
        allowanceMs,
        outlet: NOWHERE,
        quarantine: new Quarantine({ intensity: 0, periodMs: 1, retryMs: 86_400_000 }),
        again: false,
        isTakenOut: () => true,
      },
      {
        id,
        path: id,
        clock,
        log,
        random: Math.random,
        onReport() {},
        signal: new AbortController().signal,
      },
    );
    try {
      return await this.#inTime(bus.id, host.look(bus.id));
    } finally {
      host.kill();
      await host.exited;
    }
  }

  /** The look, while it may take; a host that ends in the middle is its drivers' fault, not the connection's. */
  async #inTime(bus: string, look: Promise<BusLook>): Promise<BusLook> {
    const late = Promise.withResolvers<never>();
    const cancel = this.#parts.clock.after(LOOK_MS, () =>
      late.reject(new MusterError('TIMEOUT', `nothing was heard of ${bus} in ${LOOK_MS / 1000} s`, { bus })),
    );
    try {
      return await Promise.race([look, late.promise]);
    } catch (error) {
      if (!(error instanceof MusterError) || error.code !== 'CLOSED') throw error;
      throw new MusterError('HOST_FAILED', `${error.message} before it had looked`, { host: bus }, error);
    } finally {
      cancel();
    }
  }
}

const UNKNOWN_LINE =
  'What is behind a serial port cannot be told from here: configure it as a serial line or as Modbus.';

/** Where nothing is measured nothing is handed on. */
const NOWHERE: HostOptions['outlet'] = { register: () => [], record() {}, report() {} };
