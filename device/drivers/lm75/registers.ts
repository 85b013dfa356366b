/** LM75 registers (Texas Instruments LM75B/LM75C, SNIS153, "Register Map"); the whole family has them. */

/** Pointer of the temperature register: two bytes, high byte first, left-justified. */
export const TEMPERATURE = 0x00;
/** Pointer of the configuration register: one byte. */
export const CONFIGURATION = 0x01;
/** Normal operation, comparator mode: the state after power-up. Bits 7 to 5 always read as zeros. */
export const POWER_UP = 0x00;
/** Limits of the alert: two bytes, nine bits of them, left-justified. */
export const HYSTERESIS = 0x02;
export const OVER_TEMPERATURE = 0x03;
/** Longest time of a conversion in the family, ms. */
export const CONVERSION_MS = 300;
/** Three address pins. */
export const ADDRESSES = [0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f] as const;
