/** SHT3x words to °C and %RH (Sensirion SHT3x-DIS data sheet, section 4.13). Pure. */

/** −45 to 130 °C. */
export function temperature(word: number): number {
  return -45 + (175 * word) / 65_535;
}

/** 0 to 100 %RH. */
export function humidity(word: number): number {
  return (100 * word) / 65_535;
}
