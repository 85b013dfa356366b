/**
 * The scale of temperature that Sensirion's chips share (data sheets of SHT3x-DIS, section 4.13, SHT4x, section 4.6, and
 * SCD4x, section 3.5.2). Pure.
 */

/** A word to °C, −45 to 130. */
export function temperature(word: number): number {
  return -45 + (175 * word) / 65_535;
}
