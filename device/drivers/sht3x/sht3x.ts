/** Sensirion SHT30, SHT31 and SHT35: temperature and humidity, one measurement a reading. */
import { expectChip, needBus, wait, type Driver } from '../driver.ts';
import { checkedWords, command, isChecked, lengthOf } from '../sensirion/words.ts';
import { humidity, temperature } from './decode.ts';
import { MEASURE, MEASUREMENT_MS, STATUS } from './registers.ts';

export const sht3x: Driver = {
  id: 'sht3x',
  title: 'SHT3x climate',
  bus: 'i2c',
  addresses: [0x44, 0x45],
  identity: { ask: command(STATUS), length: lengthOf(1), is: isChecked },
  periodMs: 1000,
  channels: () => [
    // noise alone moves the last bit, 0.003 °C; humidity stands still at 100 %
    {
      channel: 'temperature',
      quantity: 'temperature',
      decimals: 2,
      plausible: [-40, 125],
      restlessMs: 600_000,
    },
    { channel: 'humidity', quantity: 'humidity', decimals: 1, plausible: [0, 100] },
  ],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    await expectChip(context, sht3x);
    return {
      async read(values) {
        await bus.write(address, command(MEASURE));
        await wait(clock, MEASUREMENT_MS);
        const [t = 0, rh = 0] = checkedWords(await bus.read(address, lengthOf(2)));
        values[0] = temperature(t);
        values[1] = humidity(rh);
      },
    };
  },
};
