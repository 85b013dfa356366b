/** Space of one file system (statvfs). `options.path`: a folder on it, the root unless told. */
import { MusterError } from '../../../src/shared/errors.ts';
import type { Driver } from '../driver.ts';

export const disk: Driver = {
  id: 'disk',
  title: 'Disk',
  bus: 'machine',
  addresses: [],
  periodMs: 10_000,
  channels: () => [
    { channel: 'free', quantity: 'data', decimals: 0, plausible: [0, 2 ** 53] },
    { channel: 'used', quantity: 'share', decimals: 1, plausible: [0, 100] },
  ],
  async open({ machine, options }) {
    const path = typeof options['path'] === 'string' ? options['path'] : '/';
    return {
      read(values) {
        let space;
        try {
          space = machine.space(path);
        } catch (cause) {
          throw new MusterError('BUS_MISSING', `there is no file system at ${path}`, { path }, cause);
        }
        values[0] = space.freeBytes;
        values[1] = (1 - space.freeBytes / space.totalBytes) * 100;
      },
    };
  },
};
