/**
 * Chips the kernel's own hwmon drivers know (kernel: Documentation/hwmon/sysfs-interface): one sensor a chip.
 * `options.chip`: the chip's name, or its folder where two have one name.
 */
import type { Quantity } from '../../../src/shared/quantity.ts';
import { HWMON_FOLDER, hwmonChips, type HWMON_WORDS } from '../../platform/kernel-chips.ts';
import type { Machine } from '../../platform/machine.ts';
import { kernelChipDriver, type ChipInput } from './kernel-chip.ts';
import { needNumberSlowly } from './source.ts';

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

function inputs(machine: Machine, folder: string): ChipInput[] {
  return machine.list(folder).flatMap((file) => {
    const [, name = '', word = ''] = /^(([a-z]+)\d+)_input$/.exec(file) ?? [];
    const kind = (KINDS as Partial<Record<string, (typeof KINDS)['temp']>>)[word];
    if (!kind) return [];
    const { quantity, divisor, plausible } = kind;
    const label = machine.text(`${folder}/${name}_label`);
    const channel = label ? `${name} ${label}`.slice(0, 80) : name;
    const read = async () => (await needNumberSlowly(machine, `${folder}/${file}`)) / divisor;
    return [{ channel, quantity, plausible, read }];
  });
}

export const hwmon = kernelChipDriver({
  id: 'hwmon',
  title: 'Hardware monitor',
  root: HWMON_FOLDER,
  option: 'chip',
  noun: 'a hwmon chip',
  there: hwmonChips,
  inputs,
});
