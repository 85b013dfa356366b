/** An SHT4x (Sensirion SHT4x data sheet, section 4.5): measurements of high precision and the serial number. */
import { AIR_WORLD, humidityWord, sensirion, temperatureWord } from '../sensirion.ts';
import { defineChip, type I2cFace } from '../sim-chip.ts';

export const simSht4x = defineChip<I2cFace>(AIR_WORLD, (world, clock) =>
  sensirion(
    {
      0xfd: { afterMs: 7, answer: () => [temperatureWord(world), humidityWord(world, -6, 119)] },
      0x89: { afterMs: 0, answer: () => [0x0f6a, 0x3c21] },
    },
    1,
    clock,
  ),
);
