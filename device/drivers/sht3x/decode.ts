/** SHT3x words to %RH (Sensirion SHT3x-DIS data sheet, section 4.13); temperature is as in all chips of its maker. Pure. */

/** 0 to 100 %RH. */
export function humidity(word: number): number {
  return (100 * word) / 65_535;
}
