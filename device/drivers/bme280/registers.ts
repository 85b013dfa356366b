/** BME280 registers (Bosch BST-BME280-DS001-24, section 5, and table 16 for the calibration). */

export const CHIP_ID = 0xd0;
/** What CHIP_ID reads on a BME280 (section 5.4.1); 0x58 is a BMP280, which has no humidity. */
export const IS_BME280 = 0x60;
/** 26 bytes: dig_T1 … dig_P9, one unused, dig_H1. */
export const CALIBRATION_A = 0x88;
export const CALIBRATION_A_LENGTH = 26;
/** 7 bytes: dig_H2 … dig_H6. */
export const CALIBRATION_B = 0xe1;
export const CALIBRATION_B_LENGTH = 7;
export const CTRL_HUM = 0xf2;
export const CTRL_MEAS = 0xf4;
/** 8 bytes: pressure, temperature, humidity, in one burst so that they belong together (section 4). */
export const DATA = 0xf7;
export const DATA_LENGTH = 8;

/** Humidity oversampling ×1. */
export const HUMIDITY_X1 = 0x01;
/** Temperature ×1, pressure ×1, forced mode: one measurement, then sleep (table 25). */
export const MEASURE_ONCE = 0x25;
/** Longest time of such a measurement, ms (section 9.1: 1.25 + 2.3 + 2.3 + 0.575 + 2.3 + 0.575). */
export const MEASUREMENT_MS = 10;
