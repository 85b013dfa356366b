/** Which network interfaces are searched, and to which of them an address belongs. Pure over os.networkInterfaces(). */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

/** One interface with a carrier and an address. */
export interface NetworkInterface {
  name: string;
  kind: 'network' | 'virtual' | 'vpn' | 'loopback';
  /** First IPv4 address, null when it has none. */
  ipv4: string | null;
  /** Zone to write after `%`, null without an IPv6 link-local address (and always on loopback). */
  ipv6Zone: string | null;
  /** All addresses with their prefix length, `10.0.0.5/24`. */
  cidrs: string[];
}

const VPN = /^(tun|tap|wg|ppp|utun|ipsec|tailscale|zt|nordlynx|proton|cscotun|gpd)/i;
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|lxc|lxdbr|podman|cni|vEthernet|bridge\d)/i;

/** Interfaces in the order the system lists them; `raw` is what os.networkInterfaces() returned. */
export function readInterfaces(raw: NodeJS.Dict<NetworkInterfaceInfo[]>): NetworkInterface[] {
  return Object.entries(raw).flatMap(([name, infos = []]) => {
    if (infos.length === 0) return [];
    const loopback = infos.some((info) => info.internal);
    const linkLocal = infos.find((info) => info.family === 'IPv6' && /^fe[89ab]/i.test(info.address));
    return {
      name,
      kind: loopback ? 'loopback' : VPN.test(name) ? 'vpn' : VIRTUAL.test(name) ? 'virtual' : 'network',
      ipv4: infos.find((info) => info.family === 'IPv4')?.address ?? null,
      ipv6Zone: loopback || !linkLocal ? null : zoneOf(name, linkLocal),
      cidrs: infos.map((info) => info.cidr ?? `${info.address}/${info.family === 'IPv4' ? 32 : 128}`),
    };
  });
}

/** Windows names a zone by number, the others by the interface's name. */
function zoneOf(name: string, info: NetworkInterfaceInfo): string {
  return process.platform === 'win32' && info.family === 'IPv6' ? String(info.scopeid) : name;
}

/** Where a sender is: on one interface's networks, this machine itself, or outside of all of them. */
export type Place = { on: string } | 'self' | 'outside';

/**
 * Answers where a sender's address belongs. It is needed because Linux hands a multicast packet to every
 * socket of the machine that is bound to the wildcard address, whichever interface each of them joined on
 * (ip(7), IP_MULTICAST_ALL); and because RFC 6762 section 11 wants answers from off the link ignored.
 */
export function placer(interfaces: readonly NetworkInterface[]): (address: string) => Place {
  const own = new Set<string>();
  const zones = new Map<string, string>();
  const nets = interfaces.map(({ name, kind, cidrs, ipv6Zone }) => {
    const list = new BlockList();
    for (const cidr of cidrs) {
      const [address = '', prefix = ''] = cidr.split('/');
      if (kind !== 'loopback') own.add(address);
      if (isIPv4(address)) list.addSubnet(address, Number(prefix), 'ipv4');
      // All links share fe80::/64: only the zone tells them apart.
      else if (isIPv6(address) && !/^fe[89ab]/i.test(address))
        list.addSubnet(address, Number(prefix), 'ipv6');
    }
    if (ipv6Zone) zones.set(ipv6Zone, name);
    return { name, list };
  });
  return (sender) => {
    const [address = '', zone] = sender.split('%');
    if (own.has(address)) return 'self';
    if (zone !== undefined) {
      const name = zones.get(zone);
      return name === undefined ? 'outside' : { on: name };
    }
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const net = nets.find(({ list }) => list.check(address, family));
    return net ? { on: net.name } : 'outside';
  };
}
