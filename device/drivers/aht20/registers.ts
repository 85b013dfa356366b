/** AHT20 commands (ASAIR AHT20 product manual, sections 5.3 and 5.4). It has no registers. */

/** Asks for the status byte. */
export const STATUS = 0x71;
/** Status: a measurement is under way. */
export const BUSY = 0x80;
/** Status: the calibration is loaded. */
export const CALIBRATED = 0x08;
/** Loads the calibration, with its two parameters. */
export const INITIALISE = [0xbe, 0x08, 0x00] as const;
export const INITIALISE_MS = 10;
/** Starts a measurement, with its two parameters. */
export const MEASURE = [0xac, 0x33, 0x00] as const;
export const MEASUREMENT_MS = 80;
/** Status, humidity and temperature of 20 bits each, checksum. */
export const ANSWER_LENGTH = 7;
