/** SHT3x-DIS commands (Sensirion SHT3x-DIS data sheet, sections 4.3 and 4.11). It has no registers. */

/** Single shot, high repeatability, no clock stretching (table 9). */
export const MEASURE = 0x2400;
/** Longest time of such a measurement, ms (table 4: 15.5 at the lowest supply). */
export const MEASUREMENT_MS = 16;
/** Status register: one word. */
export const STATUS = 0xf32d;
