/**
 * 1-Wire as a driver sees it: the kernel has the bus and its timing, and gives each device a folder of files
 * (kernel: Documentation/w1/w1-generic.rst). Reading a file may hold the wire for most of a second.
 */
import { MusterError } from '../../src/shared/errors.ts';
import type { Machine } from '../platform/machine.ts';

export interface W1Bus {
  readonly kind: 'w1';
  /** Name in the configuration: `w1`. */
  readonly id: string;
  /** Ids of the devices that the kernel found: family, dash, serial (`28-0316a2797f3c`). Rejects with BUS_MISSING without a bus. */
  devices(): Promise<string[]>;
  /** Text of a file of a device. Rejects with BUS_NACK when the device does not answer. */
  read(device: string, file: string): Promise<string>;
}

const FOLDER = 'sys/bus/w1/devices';

/** The bus that the kernel offers. */
export function kernelW1(id: string, machine: Machine): W1Bus {
  return {
    kind: 'w1',
    id,
    async devices() {
      const entries = machine.list(FOLDER);
      if (!entries.some((entry) => entry.startsWith('w1_bus_master')))
        throw new MusterError('BUS_MISSING', 'the kernel has no 1-Wire bus (dtoverlay=w1-gpio)', {
          path: `/${FOLDER}`,
        });
      return entries.filter((entry) => /^[0-9a-f]{2}-/.test(entry));
    },
    async read(device, file) {
      const text = await machine.textSlowly(`${FOLDER}/${device}/${file}`);
      if (!text) throw silent(id, device);
      return text;
    },
  };
}

/** The device does not answer. */
export function silent(bus: string, device: string): MusterError {
  return new MusterError('BUS_NACK', `${device} does not answer on ${bus}`, { bus, device });
}
