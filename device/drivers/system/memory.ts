/** Memory that programs can still have (proc(5), /proc/meminfo MemAvailable), and the share in use. */
import type { Driver } from '../driver.ts';
import { asNumber, needText } from './source.ts';

const PATH = 'proc/meminfo';

export const memory: Driver = {
  id: 'memory',
  title: 'Memory',
  bus: 'machine',
  addresses: [],
  periodMs: 1000,
  channels: () => [
    { channel: 'available', quantity: 'data', decimals: 0, plausible: [0, 2 ** 50] },
    { channel: 'used', quantity: 'share', decimals: 1, plausible: [0, 100] },
  ],
  async open({ machine }) {
    return {
      read(values) {
        const text = needText(machine, PATH);
        const total = asNumber(/^MemTotal:\s+(\d+) kB$/m.exec(text)?.[1], PATH);
        const available = asNumber(/^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1], PATH);
        values[0] = available * 1024;
        values[1] = (1 - available / total) * 100;
      },
    };
  },
};
