/** SGP40 commands (Sensirion SGP40 data sheet, section 4.2 and following). It has no registers. */

/** Takes humidity and temperature as words of its own scale, answers one word. */
export const MEASURE_RAW = 0x260f;
export const MEASUREMENT_MS = 30;
/** Three words. */
export const SERIAL = 0x3682;
/** What it takes to be so when nobody knows better, %RH and °C. */
export const USUAL_HUMIDITY = 50;
export const USUAL_TEMPERATURE = 25;
