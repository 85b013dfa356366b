/** Every simulated I2C chip, one line each. */
import { simBh1750 } from './chips/bh1750.ts';
import { simBme280, simBmp280 } from './chips/bme280.ts';
import { simTmp102 } from './chips/tmp102.ts';
import type { ChipMaker, I2cFace } from './sim-chip.ts';

export const I2C_CHIPS: Readonly<Record<string, ChipMaker<I2cFace>>> = {
  bh1750: simBh1750,
  bme280: simBme280,
  bmp280: simBmp280,
  tmp102: simTmp102,
};
