/** The soil probe as a simulated chip: the same registers, and a world around it that a test can hold still. */
import { defineChip, type I2cFace } from 'muster/device/sim/sim-chip.ts';

export const simSoilProbe = defineChip<I2cFace>(
  { moisture: { mean: 40, swing: 10, noise: 0.1 } },
  (world) => {
    let register = 0;
    return {
      write(bytes) {
        register = bytes[0] ?? 0;
      },
      read(length) {
        if (register === 0x0f) return Uint8Array.of(0x55);
        const raw = Math.round((world.now('moisture') / 100) * 65_535);
        const [high, low] = [raw >> 8, raw & 0xff];
        return Uint8Array.of(high, low, (high + low) & 0xff).subarray(0, length);
      },
    };
  },
);
