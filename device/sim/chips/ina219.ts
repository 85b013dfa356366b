/** An INA219 at register level (Texas Instruments SBOS448, section 8.6), over a shunt of 0.1 Ω. */
import { registerFile } from '../register-file.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

const SHUNT_OHM = 0.1;
const CONVERSION_READY = 0x0002;

export const simIna219 = defineChip<I2cFace>(
  {
    voltage: { mean: 12.6, swing: 0.4, noise: 0.004 },
    current: { mean: 0.4, swing: 0.3, noise: 0.002 },
  },
  (world) =>
    registerFile({
      mask: 0xff,
      fixed: {
        0x01: () => clampRound(world.now('current') * SHUNT_OHM * 100_000, -32_000, 32_000) & 0xffff,
        0x02: () => (clampRound(world.now('voltage') * 250, 0, 8000) << 3) | CONVERSION_READY,
      },
      writable: {
        0x00: { reset: 0x399f, keep: (value) => (value & 0x8000 ? 0x399f : value & 0x3fff) },
        0x05: { reset: 0x0000, keep: (value) => value & 0xfffe },
      },
    }),
);
