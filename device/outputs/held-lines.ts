/**
 * Which lines were held last, in a small file: a line that is no output any more, because the configuration changed or
 * cannot be read, is brought to its safe value once and then let go, instead of staying as the last daemon left it.
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { toMusterError } from '../../src/shared/errors.ts';
import type { Log } from '../../src/shared/log.ts';
import { busSchema, type BusConfig } from '../bus/bus-config.ts';
import { writeWhole } from '../platform/write-whole.ts';
import { outputSchema, placeOf, type OutputConfig } from './output-config.ts';

const fileSchema = z.object({
  outputs: z.array(outputSchema),
  simulated: z.array(z.string()),
  /** The kernel's file of each GPIO chip, by bus. */
  chips: z.record(z.string(), z.string()).default({}),
  /** Modbus buses. */
  modbus: z.array(busSchema).default([]),
});
type Held = z.infer<typeof fileSchema>;

export class HeldLines {
  readonly #path: string;
  readonly #log: Log;
  readonly #now: Held;
  /** Outputs of before whose lines nobody has now. */
  readonly retired: readonly OutputConfig[];
  /** Simulated buses of before and now. */
  readonly simulated: readonly string[];
  /** GPIO chips of before and now. */
  readonly chips: Readonly<Record<string, string>>;
  /** Modbus buses of before and now. */
  readonly modbus: readonly BusConfig[];

  /** `now`: what the configuration says. A file that is missing or broken means: nothing was held. */
  constructor(path: string, now: Held, log: Log) {
    const before = read(path);
    this.#path = path;
    this.#log = log;
    this.#now = now;
    const places = new Set(now.outputs.map(placeOf));
    this.retired = before.outputs.filter((output) => !places.has(placeOf(output)));
    this.simulated = [...new Set([...now.simulated, ...before.simulated])];
    this.chips = { ...before.chips, ...now.chips };
    const isOld = ({ id }: BusConfig): boolean => !now.modbus.some((bus) => bus.id === id);
    this.modbus = [...now.modbus, ...before.modbus.filter(isOld)];
  }

  /** All that was held before is safe or an output again: from here on only what is configured now counts. */
  settle(): void {
    const text = `${JSON.stringify(this.#now)}\n`;
    try {
      if (textOf(this.#path) !== text) writeWhole(this.#path, text);
    } catch (error) {
      const why = toMusterError(error).message;
      this.#log('warn', 'which lines are held cannot be remembered', { path: this.#path, why });
    }
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function read(path: string): Held {
  try {
    return fileSchema.parse(JSON.parse(textOf(path) ?? ''));
  } catch {
    return { outputs: [], simulated: [], chips: {}, modbus: [] };
  }
}
