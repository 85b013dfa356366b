/** Sensirion SHT40, SHT41 and SHT45: temperature and humidity, one measurement a reading. */
import { climateDriver } from '../sensirion/climate.ts';
import { isChecked, lengthOf } from '../sensirion/words.ts';
import { humidity } from './decode.ts';
import { MEASURE, MEASUREMENT_MS, SERIAL } from './registers.ts';

export const sht4x = climateDriver({
  id: 'sht4x',
  title: 'SHT4x climate',
  addresses: [0x44, 0x45, 0x46],
  identity: { ask: Uint8Array.of(SERIAL), waitMs: 1, length: lengthOf(2), is: isChecked },
  measure: Uint8Array.of(MEASURE),
  measurementMs: MEASUREMENT_MS,
  humidity,
});
