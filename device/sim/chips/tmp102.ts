/** A TMP102 at register level (SBOS397, section 7.5): pointer, temperature, configuration. Limits are kept, not acted on. */
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';
import { registerFile } from '../register-file.ts';

export const simTmp102 = defineChip<I2cFace>({ temperature: { mean: 20, swing: 5, noise: 0.05 } }, (world) =>
  registerFile({
    mask: 0x03,
    fixed: { 0x00: () => (clampRound(world.now('temperature') / 0.0625, -2048, 2047) << 4) & 0xffff },
    // R1 and R0 of the configuration are read-only and always ones; the low four bits of the limits are zeros
    writable: {
      0x01: { reset: 0x60a0, keep: (value) => value | 0x6000 },
      0x02: { reset: 0x4b00, keep: (value) => value & 0xfff0 },
      0x03: { reset: 0x5000, keep: (value) => value & 0xfff0 },
    },
  }),
);
