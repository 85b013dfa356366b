/** ADS1115 registers (Texas Instruments SBAS444, "Register Map"). Two bytes each, high byte first. */

export const CONVERSION = 0x00;
export const CONFIGURATION = 0x01;
/** Comparator thresholds, unused here, and their reset values. The chip has no id: that it keeps all 16 bits tells it. */
export const LOW_THRESHOLD = 0x02;
export const LOW_RESET = 0x8000;
export const HIGH_THRESHOLD = 0x03;
export const HIGH_RESET = 0x7fff;

/** OS: written, begins one conversion; read, says that none is under way. */
export const START = 0x8000;
/** MODE single-shot, DR 128 samples a second, comparator off. */
export const SINGLE_SHOT = 0x0183;
/** Where MUX and PGA stand. */
export const MUX_SHIFT = 12;
export const PGA_SHIFT = 9;

/** MUX field of each input. */
export const MUX: Readonly<Record<string, number>> = {
  'a0-a1': 0,
  'a0-a3': 1,
  'a1-a3': 2,
  'a2-a3': 3,
  a0: 4,
  a1: 5,
  a2: 6,
  a3: 7,
};
/** Full scale of each PGA field, V. */
export const FULL_SCALE = [6.144, 4.096, 2.048, 1.024, 0.512, 0.256] as const;
/** One conversion: 1/128 s and the oscillator's 10 %, ms. */
export const CONVERSION_MS = 9;
