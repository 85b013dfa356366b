/** BMP280 registers (Bosch BST-BMP280-DS001, section 4.3): those of the BME280 without humidity. */

/** What CHIP_ID reads on a BMP280 (section 4.3.1). */
export const IS_BMP280 = 0x58;
/** 24 bytes: dig_T1 … dig_P9 (section 3.11.2). */
export const CALIBRATION_LENGTH = 24;
/** 6 bytes: pressure and temperature. */
export const DATA_LENGTH = 6;
