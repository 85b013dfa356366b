/** An INA226 at register level (Texas Instruments SBOS547, section 7.6), over a shunt of 0.1 Ω. */
import { registerFile } from '../register-file.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

const SHUNT_OHM = 0.1;

export const simIna226 = defineChip<I2cFace>(
  {
    voltage: { mean: 12.6, swing: 0.4, noise: 0.004 },
    current: { mean: 0.4, swing: 0.3, noise: 0.002 },
  },
  (world) =>
    registerFile({
      mask: 0xff,
      fixed: {
        0x01: () => clampRound(world.now('current') * SHUNT_OHM * 400_000, -32_768, 32_767) & 0xffff,
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
