/** An INA226 at register level (Texas Instruments SBOS547, section 7.6), over a shunt of 0.1 Ω. */
import { registerFile } from '../register-file.ts';
import { LINE_WORLD, shuntRegister } from '../power-line.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

export const simIna226 = defineChip<I2cFace>(LINE_WORLD, (world) =>
  registerFile({
    mask: 0xff,
    fixed: {
      0x01: () => shuntRegister(world, 400_000, 32_768),
      0x02: () => clampRound(world.now('voltage') * 800, 0, 32_767),
      0xfe: () => 0x5449,
      0xff: () => 0x2260,
    },
    writable: {
      0x00: { reset: 0x4127, keep: (value) => (value & 0x8000 ? 0x4127 : (value & 0x0fff) | 0x4000) },
      0x05: { reset: 0x0000 },
    },
  }),
);
