/** A TMP105 at register level (Texas Instruments SBOS648): as many bits as its configuration says. */
import { registerFile } from '../register-file.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

export const simTmp105 = defineChip<I2cFace>(
  { temperature: { mean: 20, swing: 5, noise: 0.05 } },
  (world) => {
    let configuration = 0;
    return registerFile({
      mask: 0x03,
      fixed: {
        0x00() {
          const lost = 3 - ((configuration >> 5) & 0x03);
          const raw = clampRound(world.now('temperature') * 16, -2048, 2047);
          return ((raw >> lost) << (4 + lost)) & 0xffff;
        },
      },
      writable: {
        0x01: { reset: 0x00, keep: (value) => (configuration = value & 0x7f) },
        0x02: { reset: 0x4b00, keep: (value) => value & 0xfff0 },
        0x03: { reset: 0x5000, keep: (value) => value & 0xfff0 },
      },
      single: [0x01],
    });
  },
);
