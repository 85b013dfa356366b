/** Seconds since the machine started (proc(5), /proc/uptime). */
import type { Driver } from '../driver.ts';
import { asNumber, needText } from './source.ts';

const PATH = 'proc/uptime';

export const uptime: Driver = {
  id: 'uptime',
  title: 'Uptime',
  bus: 'machine',
  addresses: [],
  periodMs: 10_000,
  channels: () => [{ channel: 'uptime', quantity: 'duration', decimals: 0, plausible: [0, 1e10] }],
  async open({ machine }) {
    return {
      read(values) {
        values[0] = asNumber(needText(machine, PATH).split(' ')[0], PATH);
      },
    };
  },
};
