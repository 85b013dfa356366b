/** INA219 registers to volts (Texas Instruments SBOS448, sections 8.6.3.1 and 8.6.3.2). Pure. */
import { signed16, unsigned16 } from '../big-endian.ts';

/** Voltage over the shunt, 10 µV a step, −0.32 to 0.32 V. */
export function shuntVoltage(bytes: Uint8Array): number {
  return signed16(bytes) / 100_000;
}

/** Voltage of the bus in bits 15 to 3, 4 mV a step, 0 to 32 V. */
export function busVoltage(bytes: Uint8Array): number {
  return ((unsigned16(bytes) >> 3) * 4) / 1000;
}
