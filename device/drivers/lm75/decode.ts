/**
 * The temperature register of the LM75 and what came after it: two's complement, left-justified in 16 bits, the high
 * byte whole degrees Celsius (SNIS153, "Temperature Data Format"). What stands below the last bit is not defined.
 */
import { signed16 } from '../big-endian.ts';

/** `bytes`: the register. `bits`: how many of them this chip defines, 9 (0.5 °C) to 12 (0.0625 °C). Result in °C. */
export function decodeTemperature(bytes: Uint8Array, bits: number): number {
  return (signed16(bytes) >> (16 - bits)) / 2 ** (bits - 8);
}
