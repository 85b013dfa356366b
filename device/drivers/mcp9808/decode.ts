/** MCP9808 ambient temperature to °C (Microchip DS25095A, section 5.1.3): 13 bits below three flags, 0.0625 °C a step. */
import { unsigned16 } from '../big-endian.ts';

/** `bytes`: the register. Result in °C, −256 to 255.9375. */
export function decodeTemperature(bytes: Uint8Array): number {
  // the flags are shifted out, the sign bit then stands highest
  return ((unsigned16(bytes) << 19) >> 19) * 0.0625;
}
