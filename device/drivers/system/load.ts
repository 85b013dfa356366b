/** Load averages (proc(5), /proc/loadavg): runnable and waiting tasks over 1, 5 and 15 minutes. */
import type { Driver } from '../driver.ts';
import { asNumber, needText } from './source.ts';

const PATH = 'proc/loadavg';

export const load: Driver = {
  id: 'load',
  title: 'Processor load',
  bus: 'machine',
  addresses: [],
  periodMs: 1000,
  channels: () =>
    ['load1', 'load5', 'load15'].map((channel) => ({
      channel,
      quantity: 'load',
      decimals: 2,
      plausible: [0, 10_000],
    })),
  async open({ machine }) {
    return {
      read(values) {
        const fields = needText(machine, PATH).split(' ');
        for (let i = 0; i < 3; i++) values[i] = asNumber(fields[i], PATH);
      },
    };
  },
};
