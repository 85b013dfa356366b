/** VEML7700 commands (Vishay VEML7700 data sheet, document 84286, "Command Register Format"). Words, low byte first. */

/** Gain, integration time, shut-down. */
export const CONFIGURATION = 0x00;
/** Ambient light count. */
export const LIGHT = 0x04;
/** Device id: 0x81 in the low byte. */
export const ID = 0x07;
export const IS_VEML7700 = 0x81;
/** After shut-down ends, before the first integration, ms. */
export const WAKE_MS = 3;

/** A choice of gain and integration time. */
export interface Range {
  /** ALS_GAIN in bits 12 and 11, ALS_IT in bits 9 to 6. */
  configuration: number;
  /** lx a count (document 84323, "Resolution and maximum detection range"). */
  resolution: number;
  /** Until a new count is there, the chip's ±10 % included, ms. */
  integrationMs: number;
}

/** From the finest to the coarsest: gain 2 over 100 ms up to 2.2 klx, gain 1/8 over 25 ms up to 140 klx. */
export const RANGES: readonly [fine: Range, coarse: Range] = [
  { configuration: 0x0800, resolution: 0.0336, integrationMs: 110 },
  { configuration: 0x1300, resolution: 2.1504, integrationMs: 28 },
];
/** A count as high as this may be cut off. */
export const FULL = 0xffff;
