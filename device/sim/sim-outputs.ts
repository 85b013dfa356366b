/**
 * Output lines of a simulated GPIO chip: a small file a line, `run/muster/lines/<bus>/<line>` below the prefix, which
 * holds `0` or `1`. As with a real pin the level outlives the process that drove it, and whoever looks sees it.
 */
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MusterError } from '../../src/shared/errors.ts';
import type { GpioOutputs } from '../bus/gpio-outputs.ts';
import type { ModbusBus } from '../bus/modbus/modbus-bus.ts';

/** Coils of simulated slaves, the same way: a file `<unit>-<coil>` each. */
export function simCoils(prefix: string, id: string): Pick<ModbusBus, 'read' | 'writeCoil'> {
  const lines = simOutputs(prefix, id);
  return {
    read: async (unit, _table, address, count) =>
      Uint16Array.from({ length: count }, (_, i) => Number(lines.level(`${unit}-${address + i}`))),
    writeCoil: async (unit, address, on) => void lines.output(`${unit}-${address}`, on),
  };
}

/** `prefix`: the folder that stands for the machine's root; empty for the root. */
export function simOutputs(prefix: string, id: string): GpioOutputs<number | string> {
  const folder = join(prefix || '/', 'run/muster/lines', id);
  const fault = (line: number | string, error: unknown) =>
    new MusterError(
      'BUS_MISSING',
      `line ${line} of ${id}: ${(error as Error).message}`,
      { bus: id, line },
      error,
    );
  return {
    id,
    level(line) {
      try {
        return readFileSync(join(folder, String(line)), 'latin1').startsWith('1');
      } catch {
        return null;
      }
    },
    output(line, high) {
      const path = join(folder, String(line));
      const set = (level: boolean): void => {
        try {
          mkdirSync(folder, { recursive: true });
          // opened anew each time, so that taking the file's rights away is a line that cannot be written
          const file = openSync(path, 'w');
          writeSync(file, level ? '1' : '0');
          closeSync(file);
        } catch (error) {
          throw fault(line, error);
        }
      };
      set(high);
      return { set, close() {} };
    },
  };
}
