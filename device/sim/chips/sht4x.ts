/** An SHT4x (Sensirion SHT4x data sheet, section 4.5): measurements of high precision and the serial number. */
import { sensirion } from '../sensirion.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

export const simSht4x = defineChip<I2cFace>(
  {
    temperature: { mean: 20, swing: 5, noise: 0.03 },
    humidity: { mean: 55, swing: 12, noise: 0.1 },
  },
  (world, clock) =>
    sensirion(
      {
        0xfd: {
          afterMs: 7,
          answer: () => [
            clampRound(((world.now('temperature') + 45) / 175) * 65_535, 0, 65_535),
            clampRound(((world.now('humidity') + 6) / 125) * 65_535, 0, 65_535),
          ],
        },
        0x89: { afterMs: 0, answer: () => [0x0f6a, 0x3c21] },
      },
      1,
      clock,
    ),
);
