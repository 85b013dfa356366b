/**
 * What one network interface has heard: service records put together over packets, bounded. Pure but for its memory.
 * It exists because bonjour-service reads each packet alone: SRV, TXT or addresses that come without their PTR
 * (avahi announces a changed TXT so) are lost there. Keyed by name *and* sender, since two boxes can have one name.
 */
import { SERVICES, splitServiceName, type ServiceKind } from './sighting.ts';

/** The part of a DNS record that is looked at, whatever a hostile packet decodes to. */
export interface DnsRecord {
  type: string;
  name: string;
  ttl?: number | undefined;
  data?: unknown;
}

/** A service instance of one sender. `host` is null until its SRV record came. */
export interface ServiceEntry {
  readonly fqdn: string;
  readonly service: ServiceKind;
  readonly label: string;
  readonly sender: string;
  host: string | null;
  port: number;
  txt: Uint8Array[];
  /** Monotonic ms of the last packet about it. */
  heardAt: number;
}

export interface Learned {
  /** Entries a packet spoke about and that are complete enough to show. */
  heard: ServiceEntry[];
  /** Entries taken back by their sender. */
  gone: ServiceEntry[];
  /** Entries whose SRV record has yet to be asked for. */
  incomplete: ServiceEntry[];
}

/** Bounds against a flood; a repeater in a large building stays below them. */
const MAX_ENTRIES = 2048;
const MAX_PER_SENDER = 512;
const MAX_HOSTS = 4096;
const MAX_ADDRESSES = 8;
const MAX_TXT_STRINGS = 256;
/**
 * An entry unheard for so long is dropped without a word. The TTL is not used: avahi says 75 minutes, and a
 * box that lost power says nothing. Browsers ask at least once a minute, so this is three unanswered rounds.
 */
export const SILENT_MS = 200_000;

export class RecordTable {
  /** Sender, then lower-case service name. */
  #senders = new Map<string, Map<string, ServiceEntry>>();
  #size = 0;
  /** Addresses a sender published, by host and sender. */
  #published = new Map<string, { addresses: Map<'A' | 'AAAA', string[]>; at: number }>();

  get size(): number {
    return this.#size;
  }

  /** Takes in the records of one response. `now` is monotonic ms. */
  learn(records: readonly DnsRecord[], sender: string, now: number): Learned {
    const heard = new Set<ServiceEntry>();
    const gone = new Set<ServiceEntry>();
    for (const record of records) {
      const named = record.type === 'PTR' ? pointed(record) : splitServiceName(record.name);
      if (!named) continue;
      const fqdn = record.type === 'PTR' ? String(record.data) : record.name;
      if (record.ttl === 0) {
        // A TXT record may go by itself; the service goes with its PTR or SRV.
        const entry = this.#senders.get(sender)?.get(fqdn.toLowerCase());
        if (entry && record.type !== 'TXT') gone.add(entry);
      } else if (record.type === 'PTR' || record.type === 'SRV' || record.type === 'TXT') {
        const entry = this.#entryFor(fqdn, named, sender, now);
        if (!entry) continue;
        fill(entry, record);
        heard.add(entry);
      }
    }
    const hosts = this.#learnAddresses(records, sender, now);
    if (hosts.size > 0)
      for (const entry of this.#senders.get(sender)?.values() ?? [])
        if (entry.host && hosts.has(entry.host.toLowerCase())) heard.add(entry);
    for (const entry of gone) {
      heard.delete(entry);
      this.#drop(entry);
    }
    for (const entry of heard) entry.heardAt = now;
    return {
      heard: [...heard].filter((entry) => entry.host !== null),
      gone: [...gone],
      incomplete: [...heard].filter((entry) => entry.host === null),
    };
  }

  /** Addresses published for the host of an entry, IPv4 first. */
  publishedFor(entry: ServiceEntry): string[] {
    const known = this.#published.get(hostKey(entry.host ?? '', entry.sender))?.addresses;
    return [...(known?.get('A') ?? []), ...(known?.get('AAAA') ?? [])];
  }

  /** True when this sender speaks for several hosts: it repeats what others say. */
  isRepeater(sender: string): boolean {
    const hosts = new Set<string>();
    for (const entry of this.#senders.get(sender)?.values() ?? []) {
      if (entry.host) hosts.add(entry.host.toLowerCase());
      if (hosts.size > 1) return true;
    }
    return false;
  }

  /** Drops what has been silent for SILENT_MS and returns it. */
  sweep(now: number): ServiceEntry[] {
    const silent: ServiceEntry[] = [];
    for (const entries of this.#senders.values())
      for (const entry of entries.values()) if (now - entry.heardAt > SILENT_MS) silent.push(entry);
    for (const entry of silent) this.#drop(entry);
    for (const [key, host] of this.#published) if (now - host.at > SILENT_MS) this.#published.delete(key);
    return silent;
  }

  #learnAddresses(records: readonly DnsRecord[], sender: string, now: number): Set<string> {
    const said = new Map<string, Map<'A' | 'AAAA', string[]>>();
    for (const record of records) {
      if ((record.type !== 'A' && record.type !== 'AAAA') || typeof record.data !== 'string') continue;
      const host = record.name.toLowerCase();
      const families = said.get(host) ?? new Map<'A' | 'AAAA', string[]>();
      const addresses = families.get(record.type) ?? [];
      if (record.ttl !== 0 && addresses.length < MAX_ADDRESSES) addresses.push(record.data);
      families.set(record.type, addresses);
      said.set(host, families);
    }
    for (const [host, families] of said) {
      const key = hostKey(host, sender);
      const known = this.#published.get(key);
      if (!known && this.#published.size >= MAX_HOSTS) continue;
      // What a sender says now replaces what it said before, family by family (cache-flush, RFC 6762 10.2).
      const addresses = new Map([...(known?.addresses ?? []), ...families]);
      this.#published.set(key, { addresses, at: now });
    }
    return new Set(said.keys());
  }

  #entryFor(
    fqdn: string,
    named: { service: ServiceKind; label: string },
    sender: string,
    now: number,
  ): ServiceEntry | null {
    const entries = this.#senders.get(sender) ?? new Map<string, ServiceEntry>();
    const known = entries.get(fqdn.toLowerCase());
    if (known) return known;
    if (this.#size >= MAX_ENTRIES || entries.size >= MAX_PER_SENDER) return null;
    const entry: ServiceEntry = { fqdn, ...named, sender, host: null, port: 0, txt: [], heardAt: now };
    this.#senders.set(sender, entries.set(fqdn.toLowerCase(), entry));
    this.#size++;
    return entry;
  }

  #drop(entry: ServiceEntry): void {
    const entries = this.#senders.get(entry.sender);
    if (!entries?.delete(entry.fqdn.toLowerCase())) return;
    this.#size--;
    if (entries.size === 0) this.#senders.delete(entry.sender);
  }
}

function hostKey(host: string, sender: string): string {
  return `${host.toLowerCase()}\n${sender}`;
}

/** The instance a PTR record of a searched type points at, null for any other PTR. */
function pointed(record: DnsRecord): { service: ServiceKind; label: string } | null {
  if (typeof record.data !== 'string') return null;
  const named = splitServiceName(record.data);
  return named && SERVICES[named.service] === record.name.toLowerCase() ? named : null;
}

function fill(entry: ServiceEntry, record: DnsRecord): void {
  if (record.type === 'SRV' && isSrv(record.data)) {
    entry.host = record.data.target;
    entry.port = record.data.port;
  }
  if (record.type === 'TXT' && Array.isArray(record.data))
    // Copied: the decoder's buffers are views that would keep the whole packet alive.
    entry.txt = record.data
      .slice(0, MAX_TXT_STRINGS)
      .filter((item): item is Uint8Array => item instanceof Uint8Array)
      .map((item) => Buffer.from(item));
}

function isSrv(data: unknown): data is { target: string; port: number } {
  return (
    typeof data === 'object' &&
    data !== null &&
    typeof (data as { target?: unknown }).target === 'string' &&
    typeof (data as { port?: unknown }).port === 'number'
  );
}
