/** INA226 registers to volts (Texas Instruments SBOS547, sections 7.6.2 and 7.6.3). Pure. */
import { signed16, unsigned16 } from '../big-endian.ts';

/** Voltage over the shunt, 2.5 µV a step, −0.08192 to 0.0819175 V. */
export function shuntVoltage(bytes: Uint8Array): number {
  return signed16(bytes) / 400_000;
}

/** Voltage of the bus, 1.25 mV a step, 0 to 40.96 V (36 V is its limit). */
export function busVoltage(bytes: Uint8Array): number {
  return unsigned16(bytes) / 800;
}
