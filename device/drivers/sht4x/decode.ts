/** SHT4x words to °C and %RH (Sensirion SHT4x data sheet, section 4.6). Pure. */

/** −45 to 130 °C. */
export function temperature(word: number): number {
  return -45 + (175 * word) / 65_535;
}

/** %RH, held to 0 … 100 as the data sheet asks for: the formula goes from −6 to 119. */
export function humidity(word: number): number {
  return Math.min(100, Math.max(0, -6 + (125 * word) / 65_535));
}
