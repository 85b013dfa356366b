/** ASAIR AHT20, AHT21 and DHT20: temperature and humidity, one measurement a reading. */
import { HUMIDITY_CHANNEL, temperatureChannel } from '../climate-channels.ts';
import { needBus, unexpected, wait, type Driver } from '../driver.ts';
import { decode } from './decode.ts';
import * as register from './registers.ts';

export const aht20: Driver = {
  id: 'aht20',
  title: 'AHT20 climate',
  bus: 'i2c',
  addresses: [0x38],
  periodMs: 2000,
  channels: () => [temperatureChannel(-40, 85), HUMIDITY_CHANNEL],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    const status = () => bus.writeRead(address, Uint8Array.of(register.STATUS), 1);
    if (((await status())[0] ?? 0) & register.CALIBRATED) return { read };
    await bus.write(address, Uint8Array.from(register.INITIALISE));
    await wait(clock, register.INITIALISE_MS);
    const after = await status();
    if (!((after[0] ?? 0) & register.CALIBRATED)) throw unexpected(bus, address, 'AHT20', after);
    return { read };

    async function read(values: Float64Array): Promise<void> {
      await bus.write(address, Uint8Array.from(register.MEASURE));
      await wait(clock, register.MEASUREMENT_MS);
      const { temperature, humidity } = decode(await bus.read(address, register.ANSWER_LENGTH));
      values[0] = temperature;
      values[1] = humidity;
    }
  },
};
