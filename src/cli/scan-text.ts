/** What hangs on the buses of a device, as lines of text. Pure. */
import { errorText } from '../shared/error-text.ts';
import { lookText } from '../shared/found-chip.ts';
import type { BusRow, Found } from '../shared/device-scan-calls.ts';
import type { WireError } from '../shared/errors.ts';
import { table } from './output.ts';

/** A bus with what a look at it brought; `error`: why it could not be looked at. */
export interface LookedAt extends BusRow {
  found: Found[];
  note: string | null;
  error: WireError | null;
}

export function scanText(device: string, looks: readonly LookedAt[]): string {
  if (looks.length === 0)
    return `${device} has no bus. On a Raspberry Pi I2C has to be switched on: raspi-config, Interface Options.`;
  return looks.map(busText).join('\n\n');
}

function busText({ bus, kind, device, configured, found, note, error }: LookedAt): string {
  const facts = [...(device === null ? [] : [device]), ...(configured ? [] : ['not configured'])];
  const head = facts.length > 0 ? `${bus} (${facts.join(', ')})` : bus;
  if (error) {
    const { title, next } = errorText(error.code, error.details);
    return `${head}\n${title} ${next}\n(${error.message})`;
  }
  const rows = found.length > 0 ? `\n${table(['AT', 'WHAT', 'MEASURED'], found.map(cells))}` : '';
  return `${head}\n${lookText(kind, found, note)}${rows}`;
}

function cells({ place, chips, heldBy, sensors }: Found): string[] {
  const may = chips.map(({ driver, title }) => `${driver} (${title})`).join(' or ');
  const drivers = [...new Set(sensors.map(({ driver }) => driver))].join(', ');
  return [
    place,
    may || drivers || (heldBy === null ? 'not known' : ''),
    sensors.length > 0 ? `as ${sensors.map(({ sensor }) => sensor).join(', ')}` : (heldBy ?? 'not yet'),
  ];
}
