/** Sensirion SCD40, SCD41 and SCD43: carbon dioxide, temperature and humidity, every five seconds. */
import { MusterError } from '../../../src/shared/errors.ts';
import { qualityByte } from '../../../src/shared/reading.ts';
import { HUMIDITY_CHANNEL, temperatureChannel } from '../climate-channels.ts';
import { expectChip, needBus, wait, type Driver } from '../driver.ts';
import { checkedWords, command, isChecked, lengthOf } from '../sensirion/words.ts';
import { decode } from './decode.ts';
import * as register from './registers.ts';

const STALE = qualityByte('stale');
/** A chip that says nothing new for this long has lost its power or its way, ms. */
const SILENCE_MS = 3 * register.INTERVAL_MS;

/** The optics are never so quiet for so long, ms. */
const RESTLESS_MS = 1_800_000;

export const scd4x: Driver = {
  id: 'scd4x',
  title: 'SCD4x carbon dioxide',
  bus: 'i2c',
  addresses: [0x62],
  identity: { ask: command(register.SERIAL), waitMs: 1, length: lengthOf(3), is: isChecked },
  periodMs: register.INTERVAL_MS,
  channels: () => [
    { channel: 'co2', quantity: 'co2', decimals: 0, plausible: [350, 40_000], restlessMs: RESTLESS_MS },
    temperatureChannel(-10, 60, RESTLESS_MS),
    HUMIDITY_CHANNEL,
  ],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    const ask = async (code: number, words: number) => {
      await bus.write(address, command(code));
      await wait(clock, register.COMMAND_MS);
      return checkedWords(await bus.read(address, lengthOf(words)));
    };
    // it may still measure for whoever was here before
    await bus.write(address, command(register.STOP_PERIODIC));
    await wait(clock, register.STOP_MS);
    await expectChip(context, scd4x);
    await bus.write(address, command(register.START_PERIODIC));
    let heardAt = clock.monotonic();
    let last: readonly number[] = [Number.NaN, Number.NaN, Number.NaN];
    return {
      async read(values, quality) {
        const [ready = 0] = await ask(register.DATA_READY, 1);
        if (ready & register.READY_BITS) {
          last = decode(await ask(register.READ, 3));
          heardAt = clock.monotonic();
        } else {
          if (clock.monotonic() - heardAt > SILENCE_MS)
            throw new MusterError('TIMEOUT', 'the chip has stopped to measure', { ms: SILENCE_MS });
          quality.fill(STALE);
        }
        values.set(last);
      },
    };
  },
};
