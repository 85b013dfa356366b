/** What every sensor said last about itself, in configured order. */
import type { SensorState } from '../../src/shared/device-contract.ts';

export class SensorBoard {
  readonly #states = new Map<string, SensorState>();

  report(state: SensorState): void {
    this.#states.set(state.sensor, state);
  }

  rows(): SensorState[] {
    return [...this.#states.values()];
  }
}
