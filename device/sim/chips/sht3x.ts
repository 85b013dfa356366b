/** An SHT3x (Sensirion SHT3x-DIS data sheet, section 4): single shots and the status word. */
import { sensirion } from '../sensirion.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

export const simSht3x = defineChip<I2cFace>(
  {
    temperature: { mean: 20, swing: 5, noise: 0.04 },
    humidity: { mean: 55, swing: 12, noise: 0.1 },
  },
  (world, clock) =>
    sensirion(
      {
        0x2400: {
          afterMs: 13,
          answer: () => [
            clampRound(((world.now('temperature') + 45) / 175) * 65_535, 0, 65_535),
            clampRound((world.now('humidity') / 100) * 65_535, 0, 65_535),
          ],
        },
        // alert pending, reset detected: the state after power-up
        0xf32d: { afterMs: 0, answer: () => [0x8010] },
      },
      2,
      clock,
    ),
);
