/** MCP9808 registers (Microchip DS25095A, section 5). Two bytes each, high byte first, but for the resolution. */

/** Configuration; all zeros is continuous conversion with the alert off (section 5.1.1). */
export const CONFIGURATION = 0x01;
/** Ambient temperature, below three alert flags (section 5.1.3). */
export const TEMPERATURE = 0x05;
/** Manufacturer id (section 5.1.4). */
export const MANUFACTURER = 0x06;
export const MICROCHIP = 0x0054;
/** Device id and revision (section 5.1.5). */
export const DEVICE = 0x07;
export const IS_MCP9808 = 0x04;
/** Longest conversion at 0.0625 °C, the resolution after power-up, ms (section 5.2.4: 250 typical). */
export const CONVERSION_MS = 300;
