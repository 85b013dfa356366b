/** Values of a Modbus slave, by declaration: which register means what stands in the options. */
import { MusterError } from '../../../src/shared/errors.ts';
import { needBus, type Driver } from '../driver.ts';
import { decodeNumber } from './decode.ts';
import { registerMap, type MappedValue } from './options.ts';
import { planQuestions } from './plan.ts';

export const modbusMap: Driver = {
  id: 'modbus-map',
  title: 'Modbus device',
  bus: 'modbus',
  addresses: [],
  periodMs: 1000,
  // a slow line that many share, and units on it that do not answer
  patienceMs: 8000,
  channels: ({ options }) => registerMap(options).values.map(({ declared }) => declared),

  async open(context) {
    const bus = needBus(context, 'modbus');
    const { unit, values: map, gap, most } = registerMap(context.options);
    const questions = planQuestions(map, { gap, most });
    const [first] = questions;
    if (!first)
      throw new MusterError('CONFIG_INVALID', 'options.channels: names nothing to read', {
        path: 'options.channels',
      });
    // is it there?
    await bus.read(unit, first.table, first.address, first.count);
    return {
      async read(values) {
        for (const { table, address, count, brings } of questions) {
          const words = await bus.read(unit, table, address, count);
          for (const i of brings) {
            const value = map[i] as MappedValue;
            const from = value.address - address;
            values[i] = meaning(words.subarray(from, from + value.count), value);
          }
        }
      },
    };
  },
};

/** NaN where the device says that it has no value. */
function meaning(words: Uint16Array, { type, order, bit, scale, offset, none }: MappedValue): number {
  const [first = 0] = words;
  const raw = bit !== null ? (first >> bit) & 1 : type === null ? first : decodeNumber(words, type, order);
  return raw === none ? Number.NaN : raw * scale + offset;
}
