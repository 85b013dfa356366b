/** TMP105 registers (Texas Instruments SBOS648, "Register Map"): those of the LM75, with a resolution to choose. */

/** Configuration: continuous conversion, comparator mode, 12 bits (R1 and R0 set). Bit 7 always reads as zero. */
export const TWELVE_BITS = 0x60;
