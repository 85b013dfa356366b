/** MCP3008 conversation (Microchip DS21295, section 5, figures 5-1 and 5-2, table 5-2). */
import type { SpiSetup } from '../../bus/spi-bus.ts';

/** Modes 0 and 3 are the chip's; the clock limit holds at 2.7 V (section 1.0: 1.35 MHz). */
export const SETUP: SpiSetup = { mode: 0, maxHz: 1_350_000 };

/** Start bit in the last place of the first byte, so that the answer's bytes come out even. */
export const START = 0x01;
/** SGL/DIFF: single-ended. */
export const SINGLE_ENDED = 0x80;
/** Where the channel's three bits stand in the second byte. */
export const CHANNEL_SHIFT = 4;
/** Long enough for the value from its highest bit, then again from its lowest, and the zeros after it. */
export const LENGTH = 5;
