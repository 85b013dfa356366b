/** An LM75 at register level (Texas Instruments SNIS153): nine bits, below them nothing that means anything. */
import { registerFile } from '../register-file.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

/** What the seven undefined bits read. */
const UNDEFINED = 0x2a;

export const simLm75 = defineChip<I2cFace>({ temperature: { mean: 20, swing: 5, noise: 0.05 } }, (world) =>
  registerFile({
    mask: 0x03,
    fixed: {
      0x00: () => ((clampRound(world.now('temperature') * 2, -110, 250) << 7) & 0xffff) | UNDEFINED,
    },
    writable: {
      0x01: { reset: 0x00, keep: (value) => value & 0x1f },
      0x02: { reset: 0x4b00, keep: (value) => value & 0xff80 },
      0x03: { reset: 0x5000, keep: (value) => value & 0xff80 },
    },
    single: [0x01],
  }),
);
