/**
 * Searches every network interface for devices and hands evidence to the fleet.
 * Owns: one browser an interface and address family, and the watch on interfaces that come and go.
 * Refuses: to say what a device is or whether it is there (fleet does), to send anything into a VPN,
 * to take this laptop itself for a device. Called by the engine.
 */
import { networkInterfaces } from 'node:os';
import type { Log } from '../../shared/log.ts';
import type { Clock } from '../../shared/time.ts';
import { advise, type SearchState } from './advice.ts';
import { browseInterface, type InterfaceBrowser } from './browser.ts';
import { placer, readInterfaces, type NetworkInterface } from './interfaces.ts';
import type { Sighting } from './sighting.ts';

export interface DiscoveryOptions {
  clock: Clock;
  log: Log;
  onSighting: (sighting: Sighting) => void;
  /** An interface went down or lost its address: what was seen on it is in doubt. */
  onInterfaceLost?: (name: string) => void;
  /** False leaves loopback out, and with it the demo fleet. */
  loopback?: boolean;
  /** Stands in for os.networkInterfaces. */
  interfaces?: typeof networkInterfaces;
}

export interface DiscoveryStatus {
  interfaces: { name: string; address: string; searching: boolean; note: string | null }[];
  /** One sentence: what to do when nothing is found. */
  advice: string;
}

export interface Discovery {
  /** Reads the interfaces and asks on all of them now. */
  refresh(): void;
  /** As the engine contract's `discovery.status` answers. */
  status(): DiscoveryStatus;
  stop(): void;
}

/** How soon a cable plugged in is noticed. Reading the interfaces costs some 0.1 ms. */
const WATCH_MS = 2000;

interface Searched {
  interface: NetworkInterface;
  browser: InterfaceBrowser;
  trouble: string | null;
}

/** Starts searching; the first questions leave at once. */
export function startDiscovery(options: DiscoveryOptions): Discovery {
  const { clock, log, loopback = true } = options;
  const readSystem = options.interfaces ?? networkInterfaces;
  const searched = new Map<string, Searched>();
  const startedAt = clock.monotonic();
  let present: NetworkInterface[] = [];
  let place: ReturnType<typeof placer> = () => 'outside';
  let outsider: string | null = null;
  let cancelWatch = () => {};
  watch();

  function watch(): void {
    update();
    cancelWatch = clock.after(WATCH_MS, watch);
  }

  function update(): void {
    const all = readInterfaces(readSystem());
    // Of all: a loopback that is not searched is no outsider for the sockets of the others.
    place = placer(all);
    present = all.filter(({ kind }) => loopback || kind !== 'loopback');
    const wanted = new Map(present.flatMap(endpointsOf).map((endpoint) => [endpoint.key, endpoint]));
    for (const [key, { interface: lost, browser }] of searched)
      if (!wanted.has(key)) {
        searched.delete(key);
        browser.stop();
        log('info', 'network interface lost', { interface: lost.name });
        options.onInterfaceLost?.(lost.name);
      }
    for (const endpoint of wanted.values()) if (!searched.has(endpoint.key)) search(endpoint);
  }

  function search({ key, at, interface: net }: Endpoint): void {
    const entry: Searched = {
      interface: net,
      trouble: null,
      browser: browseInterface({
        clock,
        log,
        at,
        interface: net.name,
        loopback: net.kind === 'loopback',
        zone: net.ipv6Zone,
        accepts: (sender) => {
          if (place(sender) === 'outside') outsider = sender;
          return isOn(sender, net.name);
        },
        isOnLink: (address) => isOn(address, net.name),
        onSighting: options.onSighting,
        onTrouble: (trouble) => {
          entry.trouble = trouble;
        },
      }),
    };
    searched.set(key, entry);
    log('info', 'searching network interface', { interface: net.name });
  }

  function isOn(address: string, name: string): boolean {
    const where = place(address);
    return typeof where === 'object' && where.on === name;
  }

  function browsersOf(name: string): Searched[] {
    return [...searched.values()].filter(({ interface: net }) => net.name === name);
  }

  /** Trouble counts where no browser of the interface is free of it: a network without IPv6 is none. */
  function troubleOf(name: string): string | null {
    const browsers = browsersOf(name);
    return browsers.some(({ trouble }) => trouble === null) ? null : (browsers[0]?.trouble ?? null);
  }

  function searchState(): SearchState {
    return {
      interfaces: present.map(({ name, kind }) => ({
        name,
        kind,
        searching: browsersOf(name).length > 0,
        trouble: troubleOf(name),
      })),
      heard: [...searched.values()].reduce((sum, { browser }) => sum + browser.size, 0),
      outsider,
      searchedMs: clock.monotonic() - startedAt,
    };
  }

  return {
    refresh() {
      outsider = null;
      update();
      for (const { browser } of searched.values()) browser.refresh();
    },
    status() {
      return {
        interfaces: present.map((net) => ({
          name: net.name,
          address: net.ipv4 ?? net.cidrs[0]?.split('/')[0] ?? '',
          searching: browsersOf(net.name).length > 0 && troubleOf(net.name) === null,
          note: noteOf(net, troubleOf(net.name)),
        })),
        advice: advise(searchState()),
      };
    },
    stop() {
      cancelWatch();
      for (const { browser } of searched.values()) browser.stop();
      searched.clear();
    },
  };
}

interface Endpoint {
  key: string;
  interface: NetworkInterface;
  at: { ipv4: string } | { ipv6Zone: string };
}

/** What is searched of an interface: nothing of a VPN, else IPv4 and IPv6 where it has them. */
function endpointsOf(net: NetworkInterface): Endpoint[] {
  if (net.kind === 'vpn') return [];
  const endpoints: Endpoint[] = [];
  if (net.ipv4) endpoints.push({ key: `${net.name} ${net.ipv4}`, interface: net, at: { ipv4: net.ipv4 } });
  if (net.ipv6Zone)
    endpoints.push({ key: `${net.name} ipv6`, interface: net, at: { ipv6Zone: net.ipv6Zone } });
  return endpoints;
}

function noteOf(net: NetworkInterface, trouble: string | null): string | null {
  if (trouble) return `cannot be searched: ${trouble}`.slice(0, 400);
  if (net.kind === 'loopback') return 'this laptop itself: the demo fleet';
  if (net.kind === 'vpn') return 'a VPN: announcements do not travel through it';
  if (net.kind === 'virtual') return 'a virtual network of this laptop';
  if (net.ipv4?.startsWith('169.254.')) return 'no router: a cable straight to a device?';
  return null;
}
