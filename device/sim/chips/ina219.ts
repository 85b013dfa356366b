/** An INA219 at register level (Texas Instruments SBOS448, section 8.6), over a shunt of 0.1 Ω. */
import { registerFile } from '../register-file.ts';
import { LINE_WORLD, shuntRegister } from '../power-line.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

const CONVERSION_READY = 0x0002;

export const simIna219 = defineChip<I2cFace>(LINE_WORLD, (world) =>
  registerFile({
    mask: 0xff,
    fixed: {
      0x01: () => shuntRegister(world, 100_000, 32_000),
      0x02: () => (clampRound(world.now('voltage') * 250, 0, 8000) << 3) | CONVERSION_READY,
    },
    writable: {
      0x00: { reset: 0x399f, keep: (value) => (value & 0x8000 ? 0x399f : value & 0x3fff) },
      0x05: { reset: 0x0000, keep: (value) => value & 0xfffe },
    },
  }),
);
