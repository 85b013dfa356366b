/**
 * Chips the kernel's own hwmon drivers know (kernel: Documentation/hwmon/sysfs-interface): one sensor a chip.
 * `options.chip`: the chip's name, or its folder where two have one name.
 */
import { MusterError } from '../../../src/shared/errors.ts';
import type { Quantity } from '../../../src/shared/quantity.ts';
import { HWMON_FOLDER, hwmonChips, type HWMON_WORDS } from '../../platform/kernel-chips.ts';
import type { Machine } from '../../platform/machine.ts';
import type { Driver } from '../driver.ts';
import { needNumber } from './source.ts';

/** Attribute → quantity and how many of the attribute's units make one of ours. */
const KINDS: Record<
  (typeof HWMON_WORDS)[number],
  { quantity: Quantity; divisor: number; plausible: [number, number] }
> = {
  temp: { quantity: 'temperature', divisor: 1000, plausible: [-60, 200] },
  in: { quantity: 'voltage', divisor: 1000, plausible: [-1000, 1000] },
  curr: { quantity: 'current', divisor: 1000, plausible: [-1000, 1000] },
  power: { quantity: 'power', divisor: 1e6, plausible: [-1e5, 1e5] },
  humidity: { quantity: 'humidity', divisor: 1000, plausible: [0, 100] },
  freq: { quantity: 'frequency', divisor: 1, plausible: [0, 1e12] },
};

interface Input {
  channel: string;
  path: string;
  kind: { quantity: Quantity; divisor: number; plausible: [number, number] };
}

function inputs(machine: Machine, folder: string): Input[] {
  return machine.list(`${HWMON_FOLDER}/${folder}`).flatMap((file) => {
    const [, name = '', word = ''] = /^(([a-z]+)\d+)_input$/.exec(file) ?? [];
    const kind = (KINDS as Partial<Record<string, Input['kind']>>)[word];
    if (!kind) return [];
    const label = machine.text(`${HWMON_FOLDER}/${folder}/${name}_label`);
    return [
      {
        channel: label ? `${name} ${label}`.slice(0, 80) : name,
        path: `${HWMON_FOLDER}/${folder}/${file}`,
        kind,
      },
    ];
  });
}

/** Inputs of the chip that `options` name. Throws BUS_MISSING naming those there are. */
function find(machine: Machine, options: Readonly<Record<string, unknown>>): Input[] {
  const chip = options['chip'];
  const folder = machine
    .list(HWMON_FOLDER)
    .find((folder) => folder === chip || machine.text(`${HWMON_FOLDER}/${folder}/name`) === chip);
  const found = folder ? inputs(machine, folder) : [];
  if (found.length === 0) {
    const there = hwmonChips(machine).join(', ') || 'none';
    throw new MusterError('BUS_MISSING', `options.chip must name a hwmon chip; there are: ${there}`, {
      path: `/${HWMON_FOLDER}`,
    });
  }
  return found;
}

export const hwmon: Driver = {
  id: 'hwmon',
  title: 'Hardware monitor',
  bus: 'machine',
  addresses: [],
  periodMs: 1000,
  channels: ({ machine, options }) =>
    find(machine, options).map(({ channel, kind }) => ({
      channel,
      quantity: kind.quantity,
      decimals: 3,
      plausible: kind.plausible,
    })),
  async open({ machine, options }) {
    const found = find(machine, options);
    return {
      read(values) {
        for (const [i, { path, kind }] of found.entries())
          values[i] = needNumber(machine, path) / kind.divisor;
      },
    };
  },
};
