/**
 * Chips the kernel's industrial I/O drivers know (kernel: Documentation/ABI/testing/sysfs-bus-iio): one sensor a
 * device. `options.device`: its name, or its folder where two have one name.
 * A value is `<channel>_input`, or else (`<channel>_raw` + `_offset`) × `_scale`.
 */
import { MusterError } from '../../../src/shared/errors.ts';
import type { Quantity } from '../../../src/shared/quantity.ts';
import { IIO_FOLDER, iioDevices, type IIO_WORDS } from '../../platform/kernel-chips.ts';
import type { Machine } from '../../platform/machine.ts';
import type { Driver } from '../driver.ts';
import { needNumber } from './source.ts';

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

interface Input {
  channel: string;
  kind: { quantity: Quantity; factor: number; plausible: [number, number] };
  read(): number;
}

function inputs(machine: Machine, folder: string): Input[] {
  const at = `${IIO_FOLDER}/${folder}`;
  const files = machine.list(at);
  const found = new Map<string, Input>();
  for (const file of files) {
    const [, channel = '', type = '', form] = /^in_(([a-z]+)\d*)_(input|raw)$/.exec(file) ?? [];
    const kind = (KINDS as Partial<Record<string, Input['kind']>>)[type];
    if (!kind || (form === 'raw' && files.includes(`in_${channel}_input`))) continue;
    if (form === 'input') {
      found.set(channel, { channel, kind, read: () => needNumber(machine, `${at}/${file}`) * kind.factor });
      continue;
    }
    // scale and offset may be the channel's own or shared by all of its type
    const own = (suffix: string) =>
      [`in_${channel}_${suffix}`, `in_${type}_${suffix}`].find((name) => files.includes(name));
    const offset = own('offset');
    const factor = Number(machine.text(`${at}/${own('scale')}`) ?? Number.NaN) * kind.factor;
    const shift = offset ? Number(machine.text(`${at}/${offset}`) ?? Number.NaN) : 0;
    if (!Number.isFinite(factor + shift)) continue;
    found.set(channel, {
      channel,
      kind,
      read: () => (needNumber(machine, `${at}/${file}`) + shift) * factor,
    });
  }
  return [...found.values()];
}

/** Inputs of the device that `options` name. Throws BUS_MISSING naming those there are. */
function find(machine: Machine, options: Readonly<Record<string, unknown>>): Input[] {
  const device = options['device'];
  const folder = machine
    .list(IIO_FOLDER)
    .find((folder) => folder === device || machine.text(`${IIO_FOLDER}/${folder}/name`) === device);
  const found = folder ? inputs(machine, folder) : [];
  if (found.length === 0) {
    const there = iioDevices(machine).join(', ') || 'none';
    throw new MusterError('BUS_MISSING', `options.device must name an IIO device; there are: ${there}`, {
      path: `/${IIO_FOLDER}`,
    });
  }
  return found;
}

export const iio: Driver = {
  id: 'iio',
  title: 'Kernel sensor',
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
        for (const [i, input] of found.entries()) values[i] = input.read();
      },
    };
  },
};
