/** The last good value of every channel in a host, for a driver that needs another sensor's (humidity for a gas chip). */
import type { Clock } from '../../src/shared/time.ts';

/** A value older than this says nothing about now, ms. */
const FRESH_MS = 60_000;

/** Where a sensor leaves the values of one channel. */
export interface LatestCell {
  value: number;
  atMs: number;
}

export class Latest {
  readonly #clock: Clock;
  readonly #cells = new Map<string, LatestCell>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The cell of a channel, the same at each call. */
  cell(sensor: string, channel: string): LatestCell {
    const key = `${sensor}\n${channel}`;
    const cell = this.#cells.get(key) ?? { value: Number.NaN, atMs: Number.NEGATIVE_INFINITY };
    this.#cells.set(key, cell);
    return cell;
  }

  /** Last good value of a channel, null when there is none of the last minute. */
  read(sensor: string, channel: string): number | null {
    const cell = this.#cells.get(`${sensor}\n${channel}`);
    return cell && this.#clock.monotonic() - cell.atMs <= FRESH_MS ? cell.value : null;
  }
}
