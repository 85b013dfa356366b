/** What every sensor said last about itself, in configured order. */
import type { SensorState } from '../../src/shared/device-contract.ts';
import type { MusterError } from '../../src/shared/errors.ts';
import type { SensorConfig } from '../config.ts';

/** Stands among the sensors when the configuration could not be used. */
export const CONFIG_ROW = 'configuration';

export class SensorBoard {
  readonly #order: readonly string[];
  readonly #states = new Map<string, SensorState>();

  constructor(order: readonly string[]) {
    this.#order = order;
  }

  report(state: SensorState): void {
    this.#states.set(state.sensor, state);
  }

  rows(): SensorState[] {
    return this.#order.flatMap((sensor) => this.#states.get(sensor) ?? []);
  }
}

/** The row of a sensor that is not started. */
export function stoppedRow(config: SensorConfig, why: string): SensorState {
  return {
    sensor: config.id,
    name: config.name ?? config.id,
    driver: config.driver,
    bus: config.bus ?? '',
    state: 'stopped',
    lastError: why,
  };
}

/** The row that says what is wrong with the configuration. */
export function configurationRow({ message }: MusterError): SensorState {
  return {
    sensor: CONFIG_ROW,
    name: 'Configuration',
    driver: 'config',
    bus: '',
    state: 'failing',
    lastError: message.slice(0, 500),
  };
}
