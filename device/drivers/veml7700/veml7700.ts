/** Vishay VEML7700: an ambient light sensor from starlight to sunlight; two ranges, changed by themselves. */
import { expectChip, needBus, wait, type Driver } from '../driver.ts';
import { decodeCount, illuminance, isDim, isTooBright } from './decode.ts';
import * as register from './registers.ts';

const [FINE, COARSE] = register.RANGES;

export const veml7700: Driver = {
  id: 'veml7700',
  title: 'VEML7700 light',
  bus: 'i2c',
  addresses: [0x10],
  identity: { ask: Uint8Array.of(register.ID), length: 2, is: ([low]) => low === register.IS_VEML7700 },
  periodMs: 1000,
  channels: () => [{ channel: 'light', quantity: 'illuminance', decimals: 1, plausible: [0, 188_000] }],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    await expectChip(context, veml7700);
    let range = COARSE;

    async function use(next: register.Range): Promise<void> {
      const { configuration, integrationMs } = next;
      await bus.write(
        address,
        Uint8Array.of(register.CONFIGURATION, configuration & 0xff, configuration >> 8),
      );
      range = next;
      // the count under way was begun in the other range: the one after it counts
      await wait(clock, register.WAKE_MS + 2 * integrationMs);
    }
    const count = async () => decodeCount(await bus.writeRead(address, Uint8Array.of(register.LIGHT), 2));

    await use(COARSE);
    return {
      async read(values) {
        let now = await count();
        if (range === FINE ? isTooBright(now) : isDim(now)) {
          await use(range === FINE ? COARSE : FINE);
          now = await count();
        }
        values[0] = illuminance(now, range);
      },
    };
  },
};
