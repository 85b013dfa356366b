/** Something that gives a pulse a portion: a flow meter, a rain gauge's bucket, an anemometer. */
import * as z from 'zod';
import type { Quantity } from '../../../src/shared/quantity.ts';
import { lineFields } from '../gpio-input/line-options.ts';
import { checkedOptions } from '../checked-options.ts';
import { needBus, type ChannelDeclaration, type Driver } from '../driver.ts';
import { PulseCounter } from './counter.ts';

/** What is counted: the amount's quantity where a sum of it makes sense, the rate's, and seconds in the rate's unit. */
const KINDS: Record<
  'pulses' | 'flow' | 'rain' | 'wind',
  { amount: Quantity | null; rate: Quantity; perSeconds: number; highest: number }
> = {
  pulses: { amount: 'count', rate: 'frequency', perSeconds: 1, highest: 100_000 },
  flow: { amount: 'volume', rate: 'flow', perSeconds: 1, highest: 100 },
  rain: { amount: 'rain', rate: 'rainRate', perSeconds: 3600, highest: 2000 },
  wind: { amount: null, rate: 'speed', perSeconds: 1, highest: 100 },
};

const kind = z.enum(['pulses', 'flow', 'rain', 'wind']).default('pulses');
const schema = z.strictObject({
  ...lineFields,
  kind,
  /** l, mm, or m (of wind's way) that one pulse means; of `pulses`, how many things. */
  perPulse: z.number().positive().default(1),
  /** A pulse sooner than this after the last is a bounce, ms. */
  debounceMs: z.number().min(0).max(10_000).default(0),
});

/** Rates are over at least this long, so that a slow counter shows one and not flashes, ms. */
const WINDOW_MS = 1000;

function declared(options: Readonly<Record<string, unknown>>): ChannelDeclaration[] {
  const { amount, rate, highest } = KINDS[checkedOptions({ kind: options['kind'] }, z.object({ kind })).kind];
  const total: ChannelDeclaration[] = amount
    ? [{ channel: 'total', quantity: amount, decimals: amount === 'count' ? 0 : 3, plausible: [0, 1e12] }]
    : [];
  return [...total, { channel: 'rate', quantity: rate, decimals: 3, plausible: [0, highest] }];
}

export const pulseCounter: Driver = {
  id: 'pulse-counter',
  title: 'Pulse counter',
  bus: 'gpio',
  addresses: [],
  periodMs: 1000,
  channels: ({ options }) => declared(options),

  async open(context) {
    const lines = needBus(context, 'gpio');
    const { clock } = context;
    const { line, kind, perPulse, debounceMs, ...setup } = checkedOptions(context.options, schema);
    const { amount, perSeconds } = KINDS[kind];
    const counter = new PulseCounter(debounceMs);
    const input = await lines.input(line, setup, (active, atMs, sequence) =>
      counter.edge(active, atMs, sequence),
    );
    let [from, before] = [clock.monotonic(), 0];
    let rate = Number.NaN;
    return {
      async read(values) {
        // a line that is gone counts nothing: that is not the same as no pulses
        await input.active();
        const now = clock.monotonic();
        if (now - from >= WINDOW_MS) {
          rate = ((counter.count - before) * perPulse * perSeconds * 1000) / (now - from);
          [from, before] = [now, counter.count];
        }
        if (amount) values[0] = counter.count * perPulse;
        values[amount ? 1 : 0] = rate;
      },
      close: () => input.close(),
    };
  },
};
