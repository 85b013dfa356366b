/** INA226 registers (Texas Instruments SBOS547, section 7.6). Two bytes each, high byte first. */

export const CONFIGURATION = 0x00;
/** Both inputs continuously, 1.1 ms each, 16 averaged (section 7.6.1: the reset state but for AVG = 010). */
export const AVERAGED = 0x4527;
/** Die id: device in bits 15 to 4, revision below (section 7.6.10). */
export const DIE = 0xff;
export const IS_INA226 = 0x226;
/** Both conversions of 1.21 ms at most, 16 times, ms. */
export const CONVERSION_MS = 40;
/** Largest voltage over the shunt, V. */
export const SHUNT_RANGE = 0.081_92;
