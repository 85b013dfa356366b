/** The order of the fleet rail: groups, then names. Pure. */
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { deviceState, groupOf, type FleetGroup } from '../../text/device-state.ts';

export type FleetRow =
  | { kind: 'group'; group: FleetGroup; count: number }
  | { kind: 'device'; id: string; group: FleetGroup };

const ORDER: FleetGroup[] = ['mine', 'nearby', 'offline'];
const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** True when every word of `filter` is somewhere in what the row says about the device. */
export function matches(device: DeviceRecord, filter: string, now: number): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const said = [
    device.name,
    device.hostname,
    device.model,
    device.serial,
    device.daemonVersion,
    deviceState(device, now).word,
    ...device.addresses.flatMap((address) => [address.host, address.interface]),
  ];
  const text = said.filter(Boolean).join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Devices in the rail's order, filtered. */
export function fleetOrder(devices: Iterable<DeviceRecord>, filter: string, now: number): DeviceRecord[] {
  return [...devices]
    .filter((device) => matches(device, filter, now))
    .toSorted(
      (a, b) =>
        ORDER.indexOf(groupOf(a)) - ORDER.indexOf(groupOf(b)) ||
        byName.compare(a.name, b.name) ||
        (a.id < b.id ? -1 : 1),
    );
}

/** Rows with a heading before each group that has devices. */
export function fleetRows(devices: Iterable<DeviceRecord>, filter: string, now: number): FleetRow[] {
  const ordered = fleetOrder(devices, filter, now);
  const rows: FleetRow[] = [];
  for (const group of ORDER) {
    const members = ordered.filter((device) => groupOf(device) === group);
    if (members.length > 0) rows.push({ kind: 'group', group, count: members.length });
    for (const { id } of members) rows.push({ kind: 'device', id, group });
  }
  return rows;
}

/** True when both show the same things at the same places. */
export function sameRows(a: FleetRow[], b: FleetRow[]): boolean {
  return (
    a.length === b.length &&
    a.every((row, i) => {
      const other = b[i];
      if (row.kind === 'device') return other?.kind === 'device' && other.id === row.id;
      return other?.kind === 'group' && other.group === row.group && other.count === row.count;
    })
  );
}

/** The device `step` rows further down (or up), skipping headings; the end stays the end. */
export function neighbour(rows: FleetRow[], id: string | null, step: number): string | null {
  const ids = rows.flatMap((row) => (row.kind === 'device' ? [row.id] : []));
  const at = id === null ? -1 : ids.indexOf(id);
  if (at < 0) return (step > 0 ? ids[0] : ids.at(-1)) ?? null;
  return ids[Math.min(ids.length - 1, Math.max(0, at + step))] ?? null;
}
