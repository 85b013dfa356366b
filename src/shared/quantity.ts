/**
 * Quantities and units. The only place where a unit is spelled.
 * Unit symbols are RFC 8428 (SenML) section 12.1 names where one exists, and its secondary units (RFC 8798) else.
 */

/** What a channel measures, with the unit its values are in, a label and the decimals worth showing. */
export const QUANTITIES = {
  temperature: { unit: 'Cel', label: 'Temperature', symbol: '°C', decimals: 1 },
  humidity: { unit: '%RH', label: 'Relative humidity', symbol: '%', decimals: 1 },
  pressure: { unit: 'Pa', label: 'Pressure', symbol: 'Pa', decimals: 0 },
  illuminance: { unit: 'lx', label: 'Light', symbol: 'lx', decimals: 0 },
  voltage: { unit: 'V', label: 'Voltage', symbol: 'V', decimals: 3 },
  current: { unit: 'A', label: 'Current', symbol: 'A', decimals: 3 },
  power: { unit: 'W', label: 'Power', symbol: 'W', decimals: 2 },
  load: { unit: '/', label: 'Load', symbol: '', decimals: 2 },
  share: { unit: '%', label: 'Share', symbol: '%', decimals: 1 },
  data: { unit: 'B', label: 'Bytes', symbol: 'B', decimals: 0 },
  duration: { unit: 's', label: 'Time', symbol: 's', decimals: 0 },
  co2: { unit: 'ppm', label: 'Carbon dioxide', symbol: 'ppm', decimals: 0 },
  acidity: { unit: 'pH', label: 'Acidity', symbol: 'pH', decimals: 2 },
  moisture: { unit: '%', label: 'Soil moisture', symbol: '%', decimals: 1 },
  conductivity: { unit: 'S/m', label: 'Conductivity', symbol: 'S/m', decimals: 3 },
  /** What a chip says before anybody knows how much of what it is. */
  signal: { unit: '/', label: 'Signal', symbol: '', decimals: 0 },
  /** Of volatile organic compounds, against what a sensor has met of late, which is 100. */
  vocIndex: { unit: '/', label: 'VOC index', symbol: '', decimals: 0 },
  state: { unit: '/', label: 'State', symbol: '', decimals: 0 },
  count: { unit: 'count', label: 'Count', symbol: '', decimals: 0 },
  volume: { unit: 'l', label: 'Volume', symbol: 'l', decimals: 2 },
  flow: { unit: 'l/s', label: 'Flow', symbol: 'l/s', decimals: 3 },
  rain: { unit: 'mm', label: 'Rain', symbol: 'mm', decimals: 1 },
  rainRate: { unit: 'mm/h', label: 'Rain', symbol: 'mm/h', decimals: 1 },
  speed: { unit: 'm/s', label: 'Speed', symbol: 'm/s', decimals: 1 },
  length: { unit: 'm', label: 'Length', symbol: 'm', decimals: 3 },
  angle: { unit: 'deg', label: 'Direction', symbol: '°', decimals: 0 },
  frequency: { unit: 'Hz', label: 'Frequency', symbol: 'Hz', decimals: 0 },
} as const;

/** Name of a quantity. */
export type Quantity = keyof typeof QUANTITIES;

/** All quantity names, for validation. */
export const QUANTITY_NAMES = Object.keys(QUANTITIES) as [Quantity, ...Quantity[]];
