/** SHT4x words to %RH (Sensirion SHT4x data sheet, section 4.6); temperature is as in all chips of its maker. Pure. */

/** %RH, held to 0 … 100 as the data sheet asks for: the formula goes from −6 to 119. */
export function humidity(word: number): number {
  return Math.min(100, Math.max(0, -6 + (125 * word) / 65_535));
}
