/** SCD4x commands (Sensirion SCD4x data sheet, section 3.5 and following). It has no registers. */

export const START_PERIODIC = 0x21b1;
/** A new measurement every so often, ms. */
export const INTERVAL_MS = 5000;
export const STOP_PERIODIC = 0x3f86;
/** Until it answers other commands after that, ms. */
export const STOP_MS = 500;
/** Three words: CO₂, temperature, humidity. */
export const READ = 0xec05;
/** One word; its lower eleven bits are zero while there is nothing new. */
export const DATA_READY = 0xe4b8;
export const READY_BITS = 0x07ff;
/** Three words; answered while it does not measure. */
export const SERIAL = 0x3682;
/** Each of these reading commands takes so long, ms. */
export const COMMAND_MS = 1;
