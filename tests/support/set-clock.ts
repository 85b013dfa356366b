/** The device's real clock with a wall time that a test sets. */
import { deviceClock } from '../../device/platform/device-clock.ts';
import type { Clock } from '../../src/shared/time.ts';

export class SetClock implements Clock {
  #offset = 0;

  /** `wall`: epoch ms it begins with. */
  constructor(wall: number) {
    this.setWall(wall);
  }

  monotonic(): number {
    return deviceClock.monotonic();
  }

  after(ms: number, fn: () => void): () => void {
    return deviceClock.after(ms, fn);
  }

  wall(): number {
    return this.#offset + this.monotonic();
  }

  /** Steps the wall clock, as NTP or a hand does; monotonic time does not move. */
  setWall(wall: number): void {
    this.#offset = wall - this.monotonic();
  }
}
