/** An SHT3x (Sensirion SHT3x-DIS data sheet, section 4): single shots and the status word. */
import { AIR_WORLD, humidityWord, sensirion, temperatureWord } from '../sensirion.ts';
import { defineChip, type I2cFace } from '../sim-chip.ts';

export const simSht3x = defineChip<I2cFace>(AIR_WORLD, (world, clock) =>
  sensirion(
    {
      0x2400: { afterMs: 13, answer: () => [temperatureWord(world), humidityWord(world)] },
      // alert pending, reset detected: the state after power-up
      0xf32d: { afterMs: 0, answer: () => [0x8010] },
    },
    2,
    clock,
  ),
);
