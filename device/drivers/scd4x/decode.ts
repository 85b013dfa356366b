/** SCD4x words to ppm, °C and %RH (Sensirion SCD4x data sheet, section 3.5.2, "read_measurement"). Pure. */

import { temperature } from '../sensirion/temperature.ts';

/** `words`: the three of a measurement. CO₂ in ppm, temperature −45 to 130 °C, humidity 0 to 100 %RH. */
export function decode([co2 = 0, t = 0, rh = 0]: readonly number[]): [number, number, number] {
  return [co2, temperature(t), (100 * rh) / 65_535];
}
