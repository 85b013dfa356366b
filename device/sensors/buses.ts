/** The configured buses. One that cannot be made fails its own sensors only. */
import { toMusterError, type MusterError } from '../../src/shared/errors.ts';
import type { Clock } from '../../src/shared/time.ts';
import { busMissing, type Bus } from '../bus/bus.ts';
import type { BusConfig } from '../config.ts';
import { createSimBus } from '../sim/sim-bus.ts';

/** Looks buses up by their id. */
export interface Buses {
  /** The bus, or why there is none. */
  find(id: string): Bus | MusterError;
}

export function createBuses(configs: readonly BusConfig[], clock: Clock): Buses {
  const made = new Map<string, Bus | MusterError>();
  for (const { id, chips } of configs) {
    try {
      made.set(id, createSimBus(id, chips, clock));
    } catch (error) {
      made.set(id, toMusterError(error));
    }
  }
  return { find: (id) => made.get(id) ?? busMissing(id) };
}
