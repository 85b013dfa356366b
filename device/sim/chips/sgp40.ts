/**
 * An SGP40 (Sensirion SGP40 data sheet, section 4.2): a signal that the chip corrects for the air it is told of. Here
 * each %RH that it is not told of costs 40 ticks.
 */
import { sensirion } from '../sensirion.ts';
import { clampRound, defineChip, type I2cFace } from '../sim-chip.ts';

const TICKS_PER_PERCENT = 40;

export const simSgp40 = defineChip<I2cFace>(
  {
    signal: { mean: 30_000, swing: 1500, noise: 20 },
    humidity: { mean: 50, swing: 0 },
  },
  (world, clock) =>
    sensirion(
      {
        0x260f: {
          takes: 2,
          afterMs: 25,
          answer: ([told = 0]) => {
            const off = world.now('humidity') - (told / 65_535) * 100;
            return [clampRound(world.now('signal') - off * TICKS_PER_PERCENT, 0, 65_535)];
          },
        },
        0x3682: { afterMs: 0, answer: () => [0x0000, 0x0112, 0x8a4d] },
      },
      2,
      clock,
    ),
);
