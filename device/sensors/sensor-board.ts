/** What every sensor said last about itself, in configured order. */
import type { SensorState } from '../../src/shared/device-contract.ts';

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
