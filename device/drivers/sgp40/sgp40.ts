/**
 * Sensirion SGP40: a signal that falls as more volatile organic compounds are in the air, corrected for humidity in the
 * chip, and the VOC index that its makers' algorithm makes of it. Both are recorded: the index depends on what was
 * learned in this run, the signal does not.
 */
import { MusterError } from '../../../src/shared/errors.ts';
import type { Bus } from '../../bus/bus.ts';
import { expectChip, needBus, wait, type Driver, type DriverContext } from '../driver.ts';
import { checkedWords, command, isChecked, lengthOf } from '../sensirion/words.ts';
import { humidityWord, temperatureWord } from './decode.ts';
import * as register from './registers.ts';
import { VocIndex } from './voc-index.ts';

/** The algorithm takes a signal every 1 to 10 s (its makers tried these). */
const SHORTEST_S = 1;
const LONGEST_S = 10;
/** A gap that is a few readings lost, ms. */
const LOST_MS = 30_000;
/** What was learned serves so long without the sensor (sensirion_gas_index_algorithm.h, set_states), ms. */
const SERVES_MS = 600_000;

/** What was learned of the air at a chip. */
interface Learned {
  voc: VocIndex;
  atMs: number;
}

/** By bus and address: a sensor is set up anew after each fault of its wire. Goes with the process. */
const learned = new WeakMap<Bus, Map<number, Learned>>();

/** What goes on from `before`, as far as it serves after `gapMs`. */
function goOn({ voc }: Learned, gapMs: number, intervalS: number): VocIndex {
  if (gapMs <= LOST_MS) return voc;
  return new VocIndex(intervalS, gapMs <= SERVES_MS ? voc.states : null);
}

/** Makes indices of signals that may come more often than the algorithm wants them; NaN where there is none. */
function indexer(bus: Bus, { address, clock, periodMs = sgp40.periodMs }: DriverContext) {
  const intervalS = Math.max(SHORTEST_S, periodMs / 1000);
  if (intervalS > LONGEST_S) return () => Number.NaN;
  const chips = learned.get(bus) ?? new Map<number, Learned>();
  learned.set(bus, chips);
  const now = clock.monotonic();
  const before = chips.get(address);
  const state: Learned = {
    voc: before ? goOn(before, now - before.atMs, intervalS) : new VocIndex(intervalS),
    atMs: Number.NEGATIVE_INFINITY,
  };
  let index = Number.NaN;
  return (signal: number): number => {
    const at = clock.monotonic();
    // half a period early is on time
    if (at - state.atMs + periodMs / 2 < intervalS * 1000) return index;
    state.atMs = at;
    chips.set(address, state);
    index = state.voc.process(signal) || Number.NaN;
    return index;
  };
}

/**
 * Where the air's humidity or temperature comes from: `options[name]` is a number, or `sensor/channel` of the same bus.
 * Without a fresh value of that one it is `usual`. Throws CONFIG_INVALID when it is neither.
 */
function source({ options, latest }: DriverContext, name: string, usual: number): () => number {
  const given = options[name] ?? usual;
  if (typeof given === 'number') return () => given;
  const [sensor, channel, ...more] = typeof given === 'string' ? given.split('/') : [];
  if (!sensor || !channel || more.length > 0)
    throw new MusterError(
      'CONFIG_INVALID',
      `options.${name} must be a number, or a sensor and its channel: air/${name}`,
      { path: `options.${name}` },
    );
  return () => latest?.(sensor, channel) ?? usual;
}

export const sgp40: Driver = {
  id: 'sgp40',
  title: 'SGP40 gas signal',
  bus: 'i2c',
  addresses: [0x59],
  identity: { ask: command(register.SERIAL), waitMs: 1, length: lengthOf(3), is: isChecked },
  periodMs: 1000,
  channels: () => [
    // the hot plate is never so quiet
    { channel: 'voc-signal', quantity: 'signal', decimals: 0, plausible: [1, 65_534], restlessMs: 600_000 },
    { channel: 'voc-index', quantity: 'vocIndex', decimals: 0, plausible: [1, 500] },
  ],

  async open(context) {
    const bus = needBus(context, 'i2c');
    const { address, clock } = context;
    const humidity = source(context, 'humidity', register.USUAL_HUMIDITY);
    const temperature = source(context, 'temperature', register.USUAL_TEMPERATURE);
    await expectChip(context, sgp40);
    const indexOf = indexer(bus, context);
    return {
      async read(values) {
        await bus.write(
          address,
          command(register.MEASURE_RAW, humidityWord(humidity()), temperatureWord(temperature())),
        );
        await wait(clock, register.MEASUREMENT_MS);
        const [raw = 0] = checkedWords(await bus.read(address, lengthOf(1)));
        values[0] = raw;
        values[1] = indexOf(raw);
      },
    };
  },
};
