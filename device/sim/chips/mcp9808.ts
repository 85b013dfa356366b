/** An MCP9808 at register level (Microchip DS25095A, section 5), its alert flags set as the limits say. */
import { registerFile } from '../register-file.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

export const simMcp9808 = defineChip<I2cFace>({ temperature: { mean: 20, swing: 5, noise: 0.03 } }, (world) =>
  registerFile({
    mask: 0x0f,
    fixed: {
      0x05() {
        const raw = clampRound(world.now('temperature') * 16, -4096, 4095);
        // all limits are zero after power-up: critical and upper are reached from there on, lower below
        const flags = raw >= 0 ? 0xc000 : 0x2000;
        return flags | (raw & 0x1fff);
      },
      0x06: () => 0x0054,
      0x07: () => 0x0400,
    },
    writable: {
      0x01: { reset: 0x0000, keep: (value) => value & 0x07ff },
      0x02: { reset: 0x0000, keep: (value) => value & 0x1ffc },
      0x03: { reset: 0x0000, keep: (value) => value & 0x1ffc },
      0x04: { reset: 0x0000, keep: (value) => value & 0x1ffc },
      0x08: { reset: 0x03, keep: (value) => value & 0x03 },
    },
    single: [0x08],
  }),
);
