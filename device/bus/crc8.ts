/**
 * The CRC-8 of Sensirion's chips and of ASAIR's: polynomial x⁸ + x⁵ + x⁴ + 1 (0x31), start 0xff, not reflected, no final
 * xor (Sensirion's data sheets, "Checksum Calculation"; ASAIR product manuals, "CRC verification").
 */

const TABLE = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ 0x31 : crc << 1;
  return crc;
});

/** Checksum of `bytes`, 0 to 255. */
export function crc8(bytes: Uint8Array): number {
  let crc = 0xff;
  for (const byte of bytes) crc = TABLE[crc ^ byte] as number;
  return crc;
}
