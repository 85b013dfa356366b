/** SGP40: the words it wants of the air around it (Sensirion SGP40 data sheet, table 10). Pure. */

/** %RH to the chip's word. */
export function humidityWord(percent: number): number {
  return Math.round((Math.min(100, Math.max(0, percent)) * 65_535) / 100);
}

/** °C to the chip's word. */
export function temperatureWord(celsius: number): number {
  return Math.round(((Math.min(130, Math.max(-45, celsius)) + 45) * 65_535) / 175);
}
