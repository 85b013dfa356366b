/** TMP102 raw temperature to degrees Celsius (SBOS397, section 7.3.1: 12 bits, 0.0625 °C a step). */

/** `bytes`: the two bytes of the temperature register in 12-bit mode. Result in °C, −128 to 127.9375. */
export function decodeTemperature(bytes: Uint8Array): number {
  const raw = (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) >> 4;
  return (raw & 0x800 ? raw - 0x1000 : raw) * 0.0625;
}
