/**
 * Chips the kernel's industrial I/O drivers know (kernel: Documentation/ABI/testing/sysfs-bus-iio): one sensor a
 * device. `options.device`: its name, or its folder where two have one name.
 * A value is `<channel>_input`, or else (`<channel>_raw` + `_offset`) × `_scale`.
 */
import type { Quantity } from '../../../src/shared/quantity.ts';
import { IIO_FOLDER, iioDevices, type IIO_WORDS } from '../../platform/kernel-chips.ts';
import type { Machine } from '../../platform/machine.ts';
import { kernelChipDriver, type ChipInput } from './kernel-chip.ts';
import { needNumberSlowly } from './source.ts';

/** Channel type → quantity and the factor from the ABI's unit (m°C, m%, kPa, lx, mV, mA, mW) to ours. */
const KINDS: Record<
  (typeof IIO_WORDS)[number],
  { quantity: Quantity; factor: number; plausible: [number, number] }
> = {
  temp: { quantity: 'temperature', factor: 1e-3, plausible: [-60, 200] },
  humidityrelative: { quantity: 'humidity', factor: 1e-3, plausible: [0, 100] },
  pressure: { quantity: 'pressure', factor: 1e3, plausible: [30_000, 110_000] },
  illuminance: { quantity: 'illuminance', factor: 1, plausible: [0, 200_000] },
  voltage: { quantity: 'voltage', factor: 1e-3, plausible: [-1000, 1000] },
  current: { quantity: 'current', factor: 1e-3, plausible: [-1000, 1000] },
  power: { quantity: 'power', factor: 1e-3, plausible: [-1e5, 1e5] },
};

function inputs(machine: Machine, at: string): ChipInput[] {
  const files = machine.list(at);
  const found = new Map<string, ChipInput>();
  for (const file of files) {
    const [, channel = '', type = '', form] = /^in_(([a-z]+)\d*)_(input|raw)$/.exec(file) ?? [];
    const kind = (KINDS as Partial<Record<string, (typeof KINDS)['temp']>>)[type];
    if (!kind || (form === 'raw' && files.includes(`in_${channel}_input`))) continue;
    const { quantity, plausible } = kind;
    if (form === 'input') {
      const read = async () => (await needNumberSlowly(machine, `${at}/${file}`)) * kind.factor;
      found.set(channel, { channel, quantity, plausible, read });
      continue;
    }
    // scale and offset may be the channel's own or shared by all of its type
    const own = (suffix: string) =>
      [`in_${channel}_${suffix}`, `in_${type}_${suffix}`].find((name) => files.includes(name));
    const offset = own('offset');
    const factor = Number(machine.text(`${at}/${own('scale')}`) ?? Number.NaN) * kind.factor;
    const shift = offset ? Number(machine.text(`${at}/${offset}`) ?? Number.NaN) : 0;
    if (!Number.isFinite(factor + shift)) continue;
    const read = async () => ((await needNumberSlowly(machine, `${at}/${file}`)) + shift) * factor;
    found.set(channel, { channel, quantity, plausible, read });
  }
  return [...found.values()];
}

export const iio = kernelChipDriver({
  id: 'iio',
  title: 'Kernel sensor',
  root: IIO_FOLDER,
  option: 'device',
  noun: 'an IIO device',
  there: iioDevices,
  inputs,
});
