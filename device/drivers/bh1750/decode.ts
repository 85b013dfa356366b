/** BH1750FVI raw count to lux (ROHM data sheet, "Measurement sequence example": count / 1.2 in high resolution). */

/** `bytes`: the two bytes of a measurement, high byte first. Result in lx, 0 to 54612.5. */
export function decodeIlluminance(bytes: Uint8Array): number {
  return (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) / 1.2;
}
