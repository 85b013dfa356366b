/** A contact on a GPIO line: a door, a float switch, a button. 1 while it is active. */
import * as z from 'zod';
import { checkedOptions } from '../checked-options.ts';
import { needBus, type Driver } from '../driver.ts';
import { Debounce } from './debounce.ts';
import { lineFields } from './line-options.ts';

const schema = z.strictObject({
  ...lineFields,
  /** How long a level must stand before it counts, ms. */
  debounceMs: z.number().min(0).max(10_000).default(20),
});

export const gpioInput: Driver = {
  id: 'gpio-input',
  title: 'Contact',
  bus: 'gpio',
  addresses: [],
  periodMs: 1000,
  channels: () => [{ channel: 'state', quantity: 'state', decimals: 0, plausible: [0, 1] }],

  async open(context) {
    const lines = needBus(context, 'gpio');
    const { clock } = context;
    const { line, debounceMs, ...setup } = checkedOptions(context.options, schema);
    let contact: Debounce | null = null;
    const input = await lines.input(line, setup, (active, atMs) => contact?.edge(active, atMs));
    contact = new Debounce(
      debounceMs,
      await input.active().catch((error: unknown) => {
        input.close();
        throw error;
      }),
    );
    return {
      async read(values) {
        // asked each time, so that a line that is gone is noticed, and an edge that the kernel dropped is made up for
        const now = await input.active();
        const at = clock.monotonic();
        contact.edge(now, at);
        values[0] = contact.level(at) ? 1 : 0;
      },
      close: () => input.close(),
    };
  },
};
