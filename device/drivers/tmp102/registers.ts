/** TMP102 registers (Texas Instruments SBOS397, sections 7.5.2 to 7.5.4). */

/** Pointer of the temperature register: two bytes, big-endian, left-justified. */
export const TEMPERATURE = 0x00;
/** Pointer of the configuration register. */
export const CONFIGURATION = 0x01;
/** Pointer of the upper limit of the alert: two bytes, big-endian, left-justified. */
export const HIGH_LIMIT = 0x03;
/** Continuous conversion, 12-bit, 4 Hz, comparator mode: the state after power-up (0x60A0). */
export const POWER_UP = [0x60, 0xa0] as const;
