/** Sensirion SHT40, SHT41 and SHT45: temperature and humidity, one measurement a reading. */
import { expectChip, needBus, wait, type Driver } from '../driver.ts';
import { checkedWords, isChecked, lengthOf } from '../sensirion/words.ts';
import { humidity, temperature } from './decode.ts';
import { MEASURE, MEASUREMENT_MS, SERIAL } from './registers.ts';

export const sht4x: Driver = {
  id: 'sht4x',
  title: 'SHT4x climate',
  bus: 'i2c',
  addresses: [0x44, 0x45, 0x46],
  periodMs: 1000,
  identity: { ask: Uint8Array.of(SERIAL), waitMs: 1, length: lengthOf(2), is: isChecked },
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
    await expectChip(context, sht4x);
    return {
      async read(values) {
        await bus.write(address, Uint8Array.of(MEASURE));
        await wait(clock, MEASUREMENT_MS);
        const [t = 0, rh = 0] = checkedWords(await bus.read(address, lengthOf(2)));
        values[0] = temperature(t);
        values[1] = humidity(rh);
      },
    };
  },
};
