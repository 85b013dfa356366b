/** Every simulated I2C chip, one line each. */
import { simAds1115 } from './chips/ads1115.ts';
import { simAht20 } from './chips/aht20.ts';
import { simBh1750 } from './chips/bh1750.ts';
import { simBme280, simBmp280 } from './chips/bme280.ts';
import { simIna219 } from './chips/ina219.ts';
import { simIna226 } from './chips/ina226.ts';
import { simLm75 } from './chips/lm75.ts';
import { simMcp9808 } from './chips/mcp9808.ts';
import { simScd4x } from './chips/scd4x.ts';
import { simSgp40 } from './chips/sgp40.ts';
import { simSht3x } from './chips/sht3x.ts';
import { simSht4x } from './chips/sht4x.ts';
import { simTmp102 } from './chips/tmp102.ts';
import { simTmp105 } from './chips/tmp105.ts';
import { simVeml7700 } from './chips/veml7700.ts';
import type { ChipMaker, I2cFace } from './sim-chip.ts';

export const I2C_CHIPS: Readonly<Record<string, ChipMaker<I2cFace>>> = {
  ads1115: simAds1115,
  aht20: simAht20,
  bh1750: simBh1750,
  bme280: simBme280,
  bmp280: simBmp280,
  ina219: simIna219,
  ina226: simIna226,
  lm75: simLm75,
  mcp9808: simMcp9808,
  scd4x: simScd4x,
  sgp40: simSgp40,
  sht3x: simSht3x,
  sht4x: simSht4x,
  tmp102: simTmp102,
  tmp105: simTmp105,
  veml7700: simVeml7700,
};
