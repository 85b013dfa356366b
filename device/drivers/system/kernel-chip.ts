/**
 * What drivers of the kernel's own chips share (hwmon, IIO): one sensor a chip, a channel for each input that it has,
 * the chip named by an option. Reading an input is theirs.
 */
import { MusterError } from '../../../src/shared/errors.ts';
import type { Quantity } from '../../../src/shared/quantity.ts';
import type { Machine } from '../../platform/machine.ts';
import type { Driver } from '../driver.ts';

/** One input of a chip, in our units. */
export interface ChipInput {
  channel: string;
  quantity: Quantity;
  plausible: [number, number];
  /** Rejects with BUS_MISSING, BAD_REPLY. Behind the file may be a bus that hangs: the host goes on meanwhile. */
  read(): Promise<number>;
}

export interface ChipKind {
  id: string;
  title: string;
  /** Folder of the kernel with a folder for each chip. */
  root: string;
  /** Option that names the chip: its name, or its folder where two have one name. */
  option: string;
  /** What such a chip is called in a sentence. */
  noun: string;
  /** Names of the chips there are. */
  there: (machine: Machine) => string[];
  /** Inputs of the chip in `folder`, a path. */
  inputs: (machine: Machine, folder: string) => ChipInput[];
}

/** The driver of a kind of chips. A chip that is not there is BUS_MISSING, naming those that are. */
export function kernelChipDriver({ id, title, root, option, noun, there, inputs }: ChipKind): Driver {
  function find(machine: Machine, options: Readonly<Record<string, unknown>>): ChipInput[] {
    const chip = options[option];
    const folder = machine
      .list(root)
      .find((name) => name === chip || machine.text(`${root}/${name}/name`) === chip);
    const found = folder ? inputs(machine, `${root}/${folder}`) : [];
    if (found.length === 0) {
      const names = there(machine).join(', ') || 'none';
      throw new MusterError('BUS_MISSING', `options.${option} must name ${noun}; there are: ${names}`, {
        path: `/${root}`,
      });
    }
    return found;
  }
  return {
    id,
    title,
    bus: 'machine',
    addresses: [],
    periodMs: 1000,
    channels: ({ machine, options }) =>
      find(machine, options).map(({ channel, quantity, plausible }) => ({
        channel,
        quantity,
        decimals: 3,
        plausible,
      })),
    async open({ machine, options }) {
      const found = find(machine, options);
      return {
        async read(values) {
          const fresh: number[] = [];
          for (const input of found) fresh.push(await input.read());
          values.set(fresh);
        },
      };
    },
  };
}
