/** A BH1750FVI (ROHM data sheet): one-byte instructions, a two-byte measurement, nothing until it has measured once. */
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

/** Typical time of a measurement at 1 lx resolution, ms. */
const TYPICAL_MS = 120;

export const simBh1750 = defineChip<I2cFace>(
  { light: { mean: 4000, swing: 4200, noise: 3 } },
  (world, clock) => {
    let powered = false;
    let readyAt = Number.POSITIVE_INFINITY;
    return {
      write(bytes) {
        const instruction = bytes[0];
        if (instruction === 0x00) powered = false;
        else if (instruction === 0x01) powered = true;
        else if (instruction === 0x10 && powered) readyAt = clock.monotonic() + TYPICAL_MS;
        if (!powered) readyAt = Number.POSITIVE_INFINITY;
      },
      read() {
        const measured = clock.monotonic() >= readyAt;
        const raw = measured ? clampRound(world.now('light') * 1.2, 0, 0xffff) : 0;
        return Uint8Array.of(raw >> 8, raw & 0xff);
      },
    };
  },
);
