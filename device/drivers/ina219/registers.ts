/** INA219 registers (Texas Instruments SBOS448, section 8.6). Two bytes each, high byte first. */

export const CONFIGURATION = 0x00;
/** Sets all registers to their reset values (section 8.6.2.1). */
export const RESET = 0x8000;
/** Configuration after a reset: 32 V, ±320 mV, 12 bits, both inputs continuously. */
export const AFTER_RESET = 0x399f;
/** Both conversions of 12 bits take 2 × 586 µs at most; rounded up, ms. */
export const CONVERSION_MS = 3;
/** Largest voltage over the shunt, V. */
export const SHUNT_RANGE = 0.32;
