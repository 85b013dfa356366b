/** One device as the fleet keeps it, and what a sighting changes in it. Pure. */
import type { DeviceAddress, DeviceRecord } from '../../shared/engine-contract.ts';
import type { ServiceKind, Sighting } from '../discovery/sighting.ts';
import { AT_ONCE_MS, familyOf } from './merge.ts';
import { UNKNOWN_PRESENCE, type PresenceState } from './presence-machine.ts';

export interface Row {
  record: DeviceRecord;
  presence: PresenceState;
  /** How good the source of `record.name` is; a better one replaces it. */
  nameRank: number;
  portGuessed: boolean;
}

const MAX_ADDRESSES = 12;
/** Whose instance name a person would recognise, best first; 0 is a host name or an address. */
const NAME_RANK: Record<ServiceKind, number> = {
  muster: 5,
  ssh: 4,
  'sftp-ssh': 3,
  'nerves-device': 2,
  workstation: 1,
};
/** A name that was stored was a good one once; only the daemon's own or a person's replaces it. */
const STORED_RANK = 4;

/** A row of a device of which only the id is known. `now`: epoch ms. */
export function newRow(id: string, now: number): Row {
  const record: DeviceRecord = {
    id,
    name: id,
    hostname: null,
    kind: 'ssh',
    presence: 'unknown',
    addresses: [],
    lastSeen: null,
    mine: false,
    installed: false,
    daemonVersion: null,
    model: null,
    system: null,
    arch: null,
    serial: null,
    user: null,
    hostKey: null,
    link: { state: 'off', since: now, nextAttemptAt: null, behind: null, reconnects: 0, error: null },
    clock: null,
    sensors: null,
    newest: null,
    demo: false,
  };
  return { record, presence: UNKNOWN_PRESENCE, nameRank: -1, portGuessed: true };
}

/** A row of a stored device: known, not yet tried. */
export function rowFromStored(stored: Partial<DeviceRecord> & { id: string }, now: number): Row {
  const row = newRow(stored.id, now);
  return {
    ...row,
    record: { ...row.record, ...stored },
    nameRank: STORED_RANK,
    portGuessed: (stored.addresses ?? []).length === 0,
  };
}

/** The row after a sighting that is not a goodbye. Claims of an announcement never touch trust. */
export function withSighting(row: Row, sighting: Sighting): Row {
  const { record } = row;
  const muster = sighting.service === 'muster';
  const rank = NAME_RANK[sighting.service];
  const better = rank >= row.nameRank;
  const { txt } = sighting;
  const nerves = sighting.service === 'nerves-device' || hasNervesName(sighting) || record.kind === 'nerves';
  const addresses = withHeard(row, sighting);
  return {
    ...row,
    nameRank: better ? rank : row.nameRank,
    portGuessed: row.portGuessed && sighting.portGuessed,
    record: {
      ...record,
      addresses,
      name: better ? nameOf(sighting) : record.name,
      hostname: sighting.host ?? record.hostname,
      kind: muster || record.kind === 'muster' ? 'muster' : nerves ? 'nerves' : 'ssh',
      lastSeen: Math.max(sighting.at, record.lastSeen ?? 0),
      installed: muster ? true : record.installed,
      daemonVersion: muster ? (txt['v'] ?? record.daemonVersion) : record.daemonVersion,
      serial: record.serial ?? (sighting.service === 'nerves-device' ? (txt['serial'] ?? null) : null),
      model: record.model ?? (sighting.service === 'nerves-device' ? (txt['platform'] ?? null) : null),
      arch: record.arch ?? (sighting.service === 'nerves-device' ? (txt['architecture'] ?? null) : null),
      demo: sighting.loopback ? true : record.demo,
    },
  };
}

/** The row with a typed address added. A host name also becomes the device's, so that its announcements match. */
export function withTyped(row: Row, host: string, port: number, at: number): Row {
  const address: DeviceAddress = { host, port, via: 'typed', interface: null, lastSeen: at };
  const { record } = row;
  return {
    ...row,
    portGuessed: false,
    record: {
      ...record,
      name: row.nameRank < 0 ? host : record.name,
      hostname: record.hostname ?? (host.toLowerCase().endsWith('.local') ? host.toLowerCase() : null),
      addresses: ordered([address, ...record.addresses.filter((known) => !isAt(known, host, port))]),
    },
    nameRank: Math.max(0, row.nameRank),
  };
}

/** The row without an address that has just been heard from another device. Typed ones stay: a person said so. */
export function withoutAddress(row: Row, host: string, port: number, on: string): Row {
  const addresses = row.record.addresses.filter(
    (known) => known.via === 'typed' || !isAt(known, host, port) || (known.interface ?? on) !== on,
  );
  if (addresses.length === row.record.addresses.length) return row;
  return { ...row, record: { ...row.record, addresses } };
}

/** What one box is known by under two ids, in one row: the lasting row's facts, the newer evidence of the other. */
export function mergeRows(lasting: Row, temporary: Row): Row {
  const a = lasting.record;
  const b = temporary.record;
  const others = b.addresses.filter(
    (known) => !a.addresses.some(({ host, port }) => isAt(known, host, port)),
  );
  const named = lasting.nameRank >= temporary.nameRank ? lasting : temporary;
  return {
    record: {
      ...a,
      name: named.record.name,
      hostname: b.hostname ?? a.hostname,
      addresses: ordered([...a.addresses, ...others]),
      kind: a.kind === 'ssh' ? b.kind : a.kind,
      lastSeen: Math.max(a.lastSeen ?? 0, b.lastSeen ?? 0) || null,
      mine: a.mine || b.mine,
      installed: a.installed || b.installed,
      daemonVersion: b.daemonVersion ?? a.daemonVersion,
      model: b.model ?? a.model,
      system: b.system ?? a.system,
      arch: b.arch ?? a.arch,
      serial: b.serial ?? a.serial,
      user: b.user ?? a.user,
      hostKey: a.hostKey ?? b.hostKey,
      link: b.link.since > a.link.since ? b.link : a.link,
      clock: b.clock ?? a.clock,
      sensors: b.sensors ?? a.sensors,
      newest: Math.max(a.newest ?? 0, b.newest ?? 0) || null,
      demo: a.demo || b.demo,
    },
    presence: temporary.presence.presence === 'nearby' ? temporary.presence : lasting.presence,
    nameRank: named.nameRank,
    portGuessed: lasting.portGuessed && temporary.portGuessed,
  };
}

/** A stock Nerves device announces no type of its own, only SSH, under a name that begins so. */
function hasNervesName({ service, instance, host }: Sighting): boolean {
  return (
    /^nerves[-.]/.test(host ?? '') ||
    ((service === 'ssh' || service === 'sftp-ssh') && instance.startsWith('nerves-'))
  );
}

/** Name for people: the instance, without the hardware address that avahi's workstation record adds. */
function nameOf({ service, instance, host }: Sighting): string {
  if (service !== 'workstation') return instance;
  return instance.replace(/ \[[0-9a-f:]{17}\]$/i, '') || host || instance;
}

/** The addresses of a row after a sighting: what it says on its link replaces what was heard there before. */
function withHeard({ record }: Row, sighting: Sighting): DeviceAddress[] {
  const { at, interface: on } = sighting;
  const heard = sighting.addresses.map((host): DeviceAddress => {
    const known = record.addresses.find((address) => address.host === host);
    // A guess never replaces a port that is known.
    const port = sighting.portGuessed && known ? known.port : sighting.port;
    return known?.via === 'typed' && known.port === port
      ? { host, port, via: 'typed', interface: null, lastSeen: at }
      : { host, port, via: 'mdns', interface: on, lastSeen: at };
  });
  const families = new Set(sighting.addresses.map(familyOf));
  const isOutdated = ({ host, via, interface: where, lastSeen }: DeviceAddress): boolean =>
    sighting.addresses.includes(host) ||
    (via === 'mdns' && where === on && families.has(familyOf(host)) && at - lastSeen >= AT_ONCE_MS);
  const kept = record.addresses.filter(
    (known) =>
      !heard.some(({ host, port }) => isAt(known, host, port)) &&
      (known.via === 'typed' || !isOutdated(known)),
  );
  return ordered([...heard, ...kept]);
}

function isAt(address: DeviceAddress, host: string, port: number): boolean {
  return address.host === host && address.port === port;
}

/** Best to try first: heard IPv4, typed, heard IPv6, link-local, remembered; newer before older. At most 12. */
function ordered(addresses: DeviceAddress[]): DeviceAddress[] {
  return addresses
    .toSorted((a, b) => rankOf(a) - rankOf(b) || b.lastSeen - a.lastSeen)
    .slice(0, MAX_ADDRESSES);
}

function rankOf({ host, via }: DeviceAddress): number {
  if (via === 'remembered') return 4;
  if (via === 'typed') return 1;
  if (familyOf(host) === 4) return 0;
  return host.includes('%') ? 3 : 2;
}

/** A record as text without the times of being seen, to tell a change from a mere sign of life. */
export function textWithoutTimes(record: object): string {
  return JSON.stringify(record, (key, value: unknown) => (key === 'lastSeen' ? undefined : value));
}
