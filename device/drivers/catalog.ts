/** Every driver there is, one line each. A new chip is one folder and one line here. */
import { ads1115 } from './ads1115/ads1115.ts';
import { aht20 } from './aht20/aht20.ts';
import { bh1750 } from './bh1750/bh1750.ts';
import { bme280 } from './bme280/bme280.ts';
import { bmp280 } from './bmp280/bmp280.ts';
import { ds18b20 } from './ds18b20/ds18b20.ts';
import { gpioInput } from './gpio-input/gpio-input.ts';
import { ina219 } from './ina219/ina219.ts';
import { ina226 } from './ina226/ina226.ts';
import { lm75 } from './lm75/lm75.ts';
import { mcp3008 } from './mcp3008/mcp3008.ts';
import { mcp9808 } from './mcp9808/mcp9808.ts';
import { modbusMap } from './modbus-map/modbus-map.ts';
import { mqttTopic } from './mqtt-topic/mqtt-topic.ts';
import { pulseCounter } from './pulse-counter/pulse-counter.ts';
import { scd4x } from './scd4x/scd4x.ts';
import { serialLines } from './serial-lines/serial-lines.ts';
import { sgp40 } from './sgp40/sgp40.ts';
import { shelly } from './shelly/shelly.ts';
import { shellyGen1 } from './shelly-gen1/shelly-gen1.ts';
import { sht3x } from './sht3x/sht3x.ts';
import { sht4x } from './sht4x/sht4x.ts';
import { tasmota } from './tasmota/tasmota.ts';
import { tmp102 } from './tmp102/tmp102.ts';
import { tmp105 } from './tmp105/tmp105.ts';
import { veml7700 } from './veml7700/veml7700.ts';
import { zigbee2mqtt } from './zigbee2mqtt/zigbee2mqtt.ts';
import { zwaveJsUi } from './zwave-js-ui/zwave-js-ui.ts';
import type { Driver } from './driver.ts';
import { cpuTemperature } from './system/cpu-temperature.ts';
import { disk } from './system/disk.ts';
import { hwmon } from './system/hwmon.ts';
import { iio } from './system/iio.ts';
import { load } from './system/load.ts';
import { memory } from './system/memory.ts';
import { uptime } from './system/uptime.ts';

/** Chips and lines on a bus, then what the machine itself offers. */
export const CATALOG: readonly Driver[] = [
  ads1115,
  aht20,
  bh1750,
  bme280,
  bmp280,
  ds18b20,
  gpioInput,
  ina219,
  ina226,
  lm75,
  mcp3008,
  mcp9808,
  modbusMap,
  mqttTopic,
  pulseCounter,
  scd4x,
  serialLines,
  sgp40,
  shelly,
  shellyGen1,
  sht3x,
  sht4x,
  tasmota,
  tmp102,
  tmp105,
  veml7700,
  zigbee2mqtt,
  zwaveJsUi,
  cpuTemperature,
  load,
  memory,
  disk,
  uptime,
  hwmon,
  iio,
];

const BY_ID = new Map(CATALOG.map((driver) => [driver.id, driver]));

/** The driver of that id, undefined when there is none. */
export function driverById(id: string): Driver | undefined {
  return BY_ID.get(id);
}
