/**
 * Which known device a sighting belongs to. Pure.
 * A wrong merge could install on the wrong box, a missed one only shows a box twice until its id is known:
 * so in doubt two rows.
 */
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import type { Sighting } from '../discovery/sighting.ts';

/** A row as far as merging looks at it. */
export interface Candidate {
  record: Pick<DeviceRecord, 'id' | 'hostname' | 'addresses' | 'lastSeen' | 'serial'>;
  /** True while no service has named its SSH port. */
  portGuessed: boolean;
}

const DEVICE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Two addresses heard on one link within this time belong to two boxes: one query draws out both. */
export const AT_ONCE_MS = 5000;
/** A box that was renamed announces its new name while its old one is this fresh; later, DHCP gave its address away. */
const RENAME_MS = 150_000;

/** The daemon's own id as an announcement claims it, null when there is none. A claim: only the host key proves it. */
export function claimedId(sighting: Sighting): string | null {
  const id = sighting.service === 'muster' ? sighting.txt['id']?.toLowerCase() : undefined;
  return id !== undefined && DEVICE_ID.test(id) ? id : null;
}

/** True for an id a daemon made; ids of the fleet's own making are temporary. */
export function isLastingId(id: string): boolean {
  return DEVICE_ID.test(id);
}

/**
 * The row a sighting belongs to: by the id in its TXT record; else by address and port; else by host name and
 * port, on another interface or after the address changed. Null: a device not seen before.
 */
export function findRow<R extends Candidate>(rows: Iterable<R>, sighting: Sighting): R | null {
  const id = claimedId(sighting);
  let byAddress: R | null = null;
  let byHost: R | null = null;
  for (const row of rows) {
    if (id !== null && row.record.id === id) return row;
    // Another daemon's row is never this one, whatever name or address it has.
    if (id !== null && isLastingId(row.record.id)) continue;
    if (isOtherNerves(row.record, sighting)) continue;
    if ((byAddress && byHost) || hasRival(row.record, sighting)) continue;
    if (sharesAddress(row, sighting) && agreesOnHost(row.record, sighting)) byAddress ??= row;
    if (sharesHost(row, sighting)) byHost ??= row;
  }
  return byAddress ?? byHost;
}

export function sharesAddress({ record, portGuessed }: Candidate, sighting: Sighting): boolean {
  // On loopback every virtual device has the same address: there only the port tells them apart.
  const anyPort = !sighting.loopback && (portGuessed || sighting.portGuessed);
  return record.addresses.some(
    ({ host, port }) => sighting.addresses.includes(host) && (anyPort || port === sighting.port),
  );
}

function agreesOnHost(record: Candidate['record'], { host, at, loopback }: Sighting): boolean {
  if (record.hostname === null || host === null || record.hostname === host) return true;
  return !loopback && record.lastSeen !== null && at - record.lastSeen < RENAME_MS;
}

/** Every Nerves device answers to this name besides its own. */
const ANY_NERVES = 'nerves.local';

function sharesHost({ record, portGuessed }: Candidate, sighting: Sighting): boolean {
  if (record.hostname === ANY_NERVES) return false;
  if (record.hostname === null || record.hostname !== sighting.host) return false;
  if (portGuessed || sighting.portGuessed) return true;
  return record.addresses.some(({ port }) => port === sighting.port);
}

/**
 * True when a Nerves device says another serial number than the row's device did. Their host names end in four digits of
 * it, so that one in fourteen sites of a hundred has a pair of one name. Some tell only the end of the number.
 */
function isOtherNerves({ serial }: Candidate['record'], { service, txt }: Sighting): boolean {
  const told = service === 'nerves-device' ? txt['serial'] : undefined;
  if (!told || serial === null) return false;
  return !told.endsWith(serial) && !serial.endsWith(told);
}

/** True when another address of the row has just been heard on the same link: two boxes with one name. */
function hasRival({ addresses }: Candidate['record'], sighting: Sighting): boolean {
  const family = familyOf(sighting.addresses[0] ?? '');
  return addresses.some(
    ({ host, via, interface: on, lastSeen }) =>
      via === 'mdns' &&
      on === sighting.interface &&
      familyOf(host) === family &&
      !sighting.addresses.includes(host) &&
      sighting.at - lastSeen < AT_ONCE_MS,
  );
}

/** IP version an address is written in. */
export function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}
