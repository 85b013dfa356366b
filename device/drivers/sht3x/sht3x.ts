/** Sensirion SHT30, SHT31 and SHT35: temperature and humidity, one measurement a reading. */
import { climateDriver } from '../sensirion/climate.ts';
import { command, isChecked, lengthOf } from '../sensirion/words.ts';
import { humidity } from './decode.ts';
import { MEASURE, MEASUREMENT_MS, STATUS } from './registers.ts';

export const sht3x = climateDriver({
  id: 'sht3x',
  title: 'SHT3x climate',
  addresses: [0x44, 0x45],
  identity: { ask: command(STATUS), length: lengthOf(1), is: isChecked },
  measure: command(MEASURE),
  measurementMs: MEASUREMENT_MS,
  humidity,
});
