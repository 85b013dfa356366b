/**
 * A DS18B20's memory (Maxim DS18B20 data sheet, "Memory" and figure 9) with its checksum x⁸ + x⁵ + x⁴ + 1, reflected,
 * from 0 ("CRC generation"). At power-up it holds 85 °C.
 */
import { clampRound, defineChip, type W1Face } from '../sim-chip.ts';

function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
  }
  return crc;
}

export const simDs18b20 = defineChip<W1Face>(
  { temperature: { mean: 12, swing: 4, noise: 0.05 } },
  (world) => ({
    conversionMs: 750,
    checksum,
    scratchpad() {
      const raw = clampRound(world.now('temperature') * 16, -55 * 16, 125 * 16) & 0xffff;
      const bytes = Uint8Array.of(raw & 0xff, raw >> 8, 0x4b, 0x46, 0x7f, 0xff, 0x10 - (raw & 0x0f), 0x10, 0);
      bytes[8] = checksum(bytes.subarray(0, 8));
      return bytes;
    },
  }),
);
