/** VEML7700 counts to lux (Vishay document 84323, "Designing the VEML7700 Into an Application"). Pure. */
import { FULL, type Range } from './registers.ts';

/** Low byte first. */
export function decodeCount(bytes: Uint8Array): number {
  return (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
}

/**
 * lx. The brighter, the more the sensor falls behind (1 % at 100 lx, 7 % at 1000); the note's polynomial of fourth degree
 * puts that right. It is used from 0 on, so that there is no step where it would begin.
 */
export function illuminance(count: number, { resolution }: Range): number {
  const seen = count * resolution;
  return (((6.0135e-13 * seen - 9.3924e-9) * seen + 8.1488e-5) * seen + 1.0023) * seen;
}

/** True when a count of the fine range may be cut off, or is near it. */
export function isTooBright(count: number): boolean {
  return count > 0.95 * FULL;
}

/** True when a count of the coarse range is so low that the fine range can show it. */
export function isDim(count: number): boolean {
  return count < 0.01 * FULL;
}
