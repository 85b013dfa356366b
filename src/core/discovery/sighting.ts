/** One piece of evidence from the network: this service was announced (or taken back) there, then. Pure. */
import { isIP } from 'node:net';
import { printable } from './printable.ts';
import { parseTxt } from './txt-record.ts';

/** The DNS-SD types that are searched for. `_workstation._tcp` is what Raspberry Pi OS announces by itself. */
export const SERVICES = {
  muster: '_muster._tcp.local',
  ssh: '_ssh._tcp.local',
  'sftp-ssh': '_sftp-ssh._tcp.local',
  workstation: '_workstation._tcp.local',
  'nerves-device': '_nerves-device._tcp.local',
} as const;
export type ServiceKind = keyof typeof SERVICES;

/** Evidence as the fleet gets it: clean text, bounded in every part. */
export interface Sighting {
  service: ServiceKind;
  /** Name for people: the DNS-SD instance, cleaned. Never empty. */
  instance: string;
  /** Host name in lower case with `.local`, null when it is not one. */
  host: string | null;
  /** Where to try SSH, best first; IPv6 link-local ones carry their zone. Never empty unless `goodbye`. */
  addresses: string[];
  /** Port of SSH. */
  port: number;
  /** True when the announcement names no SSH port (`workstation`, `nerves-device`) and 22 is a guess. */
  portGuessed: boolean;
  /** Network interface it was heard on. */
  interface: string;
  /** True when it was heard on loopback: a virtual device of this machine. */
  loopback: boolean;
  txt: Record<string, string>;
  /** Wall clock, epoch ms. */
  at: number;
  /** True when the device takes the service back (RFC 6762 section 10.1). */
  goodbye: boolean;
}

/** An answer put together, not yet cleaned. */
export interface RawService {
  service: ServiceKind;
  /** Instance label(s) without the type; may hold dots. */
  label: string;
  host: string;
  port: number;
  txt: readonly Uint8Array[];
  /** Addresses the device publishes for `host`, those on this link; link-local ones with their zone. */
  published: readonly string[];
  /** Who sent the packet. */
  sender: string;
  /** True when this sender speaks for several hosts: an mDNS repeater, whose address is not the device's. */
  repeater: boolean;
}

/** Where and when it was heard. */
export interface Heard {
  interface: string;
  loopback: boolean;
  at: number;
}

const MAX_ADDRESSES = 8;
const MAX_NAME = 63;
const HOST = /^[\p{L}\p{N}]([\p{L}\p{N}._-]{0,251}[\p{L}\p{N}])?$/u;

/** The kind and instance label of a full service name, null when its type is not searched for. */
export function splitServiceName(name: string): { service: ServiceKind; label: string } | null {
  const lower = name.toLowerCase();
  for (const [service, type] of Object.entries(SERVICES) as [ServiceKind, string][]) {
    // An instance may hold dots ("Weather Station 1.5 (roof)"): cut the known type off the end, never split.
    if (lower.length > type.length + 1 && lower.endsWith(`.${type}`))
      return { service, label: name.slice(0, -type.length - 1) };
  }
  return null;
}

/** A service as evidence, or null when nothing in it can be used: no name, or no address to reach it at. */
export function toSighting(raw: RawService, heard: Heard, goodbye = false): Sighting | null {
  const host = cleanHost(raw.host);
  const instance = printable(raw.label, MAX_NAME) || host;
  const addresses = usableAddresses(raw, heard);
  if (!instance || (addresses.length === 0 && !goodbye)) return null;
  // `_nerves-device._tcp` has port 0 by its specification, `_workstation._tcp` has 9 (discard): SSH is on 22.
  const portGuessed =
    raw.service === 'workstation' || raw.service === 'nerves-device' || !(raw.port >= 1 && raw.port <= 65535);
  return {
    service: raw.service,
    instance,
    host,
    addresses,
    port: portGuessed ? 22 : raw.port,
    portGuessed,
    ...heard,
    txt: parseTxt(raw.txt),
    goodbye,
  };
}

function cleanHost(name: string): string | null {
  const host = name.toLowerCase().replace(/\.$/, '');
  return HOST.test(host) ? host : null;
}

/**
 * The sender first: it has just been heard, while published addresses can be old or another link's. On loopback
 * only the sender counts, since a program publishes the machine's other addresses there. A repeater's address
 * is that of the repeater, so it counts only where nothing was published.
 */
function usableAddresses(raw: RawService, heard: Heard): string[] {
  const published = heard.loopback ? [] : raw.published.filter(isDeviceAddress);
  const all = raw.repeater && published.length > 0 ? published : [raw.sender, ...published];
  return [...new Set(all)].slice(0, MAX_ADDRESSES);
}

/** True for an address a single other machine can have. */
function isDeviceAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) {
    const first = Number(address.split('.', 1)[0]);
    return first > 0 && first !== 127 && first < 224;
  }
  return family === 6 && !/^(::|::1|ff.*|::ffff:.*)$/i.test(address);
}
