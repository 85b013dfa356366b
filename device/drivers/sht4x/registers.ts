/** SHT4x commands of one byte (Sensirion SHT4x data sheet, section 4.5, "Command Overview"). It has no registers. */

/** Temperature and humidity with high precision. */
export const MEASURE = 0xfd;
/** Longest time of such a measurement, ms (table 5: 8.3). */
export const MEASUREMENT_MS = 9;
/** Serial number: two words. */
export const SERIAL = 0x89;
