/** BH1750FVI instructions (ROHM BH1750FVI data sheet, "Instruction Set Architecture"). It has no registers. */

export const POWER_ON = 0x01;
/** Continuous measurement at 1 lx resolution. */
export const CONTINUOUS_HIGH_RESOLUTION = 0x10;
/** Longest time of the first measurement in that mode, ms. */
export const MEASUREMENT_MS = 180;
