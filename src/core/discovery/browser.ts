/**
 * Browses one network interface in one address family. The home of bonjour-service and of multicast-dns below it.
 * Owns: the socket, the questions and when they are asked, what was heard. Decides nothing about devices.
 * Called by discovery.ts, once for each interface and family.
 *
 * bonjour-service's Browser asks and parses. What is corrected by standing between it and its transport:
 * - its own transport options leave by one interface only, or hear nothing: socket, interface and bind are given;
 * - packets are weighed before they are decoded (packet-gate.ts), and a decoder's surprise never reaches it;
 * - it reads each packet alone: it is fed answers put together by RecordTable, so TXT changes are seen;
 * - it cuts names at a dot, keeps stale addresses and never renews `lastSeen`: those three come from RecordTable;
 * - it has one entry a name: two boxes with one name are fed one after the other and told apart by sender;
 * - it would keep a silent service for its TTL (75 minutes, or 8 hours): RecordTable's own rule ends it.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import { Browser, type Service } from 'bonjour-service';
import multicastDns from 'multicast-dns';
import type { Log } from '../../shared/log.ts';
import type { Clock } from '../../shared/time.ts';
import { isPlausibleResponse, packetBudget } from './packet-gate.ts';
import { RecordTable, type DnsRecord, type ServiceEntry } from './record-table.ts';
import { SERVICES, toSighting, type ServiceKind, type Sighting } from './sighting.ts';

export interface BrowserOptions {
  clock: Clock;
  log: Log;
  /** Name of the interface, as sightings tell it. */
  interface: string;
  /** An IPv4 address of the interface, or an IPv6 zone. */
  at: { ipv4: string } | { ipv6Zone: string };
  /** Zone of the interface's IPv6 link-local addresses, null when it has none. */
  zone: string | null;
  /** True when `interface` is loopback: only senders count there, never published addresses. */
  loopback: boolean;
  /** True when a sender's address is on this interface's link. */
  accepts: (address: string) => boolean;
  /** True for an address in one of this interface's networks. */
  isOnLink: (address: string) => boolean;
  onSighting: (sighting: Sighting) => void;
  /** Why this interface cannot be searched or asked now, null when it can again. */
  onTrouble: (trouble: string | null) => void;
}

export interface InterfaceBrowser {
  /** Asks anew at once, and from the start of the back-off. */
  refresh(): void;
  /** Services heard lately. */
  readonly size: number;
  stop(): void;
}

interface Question {
  name: string;
  type: 'PTR' | 'SRV';
}

const FIRST_REPEAT_MS = 1000;
/**
 * Each pause is twice the last (RFC 6762 section 5.2) up to one minute instead of its hour: Wi-Fi loses multicast,
 * and a technician who switched a box on does not wait an hour. One packet a minute troubles nobody.
 */
const LONGEST_PAUSE_MS = 60_000;
/** Room for the answers of a few hundred devices to one question; the system may give less. */
const RECEIVE_BUFFER_BYTES = 2 ** 20;
/** Most instances asked for by name in one packet. */
const MAX_ASKED_BY_NAME = 40;

/** Starts browsing; the first question leaves as soon as the socket is bound. Never throws for the network's sake. */
export function browseInterface(options: BrowserOptions): InterfaceBrowser {
  const { clock, log, loopback } = options;
  const table = new RecordTable();
  const budget = packetBudget();
  const feed = new Feed((questions) => ask(questions));
  let cancelRepeat = () => {};
  let stopped = false;

  const transport = multicastDns(
    transportOptions(
      options,
      guardedSocket(options, () => budget.take(clock.monotonic())),
    ),
  );
  // Without a listener an 'error' would end the process.
  transport.on('error', trouble);
  transport.on('warning', (error) => {
    // Joining the group can fail until an interface is wholly up; an undecodable packet is nobody's trouble.
    if ('syscall' in error) trouble(error);
    else
      log('debug', 'mdns packet could not be decoded', {
        interface: options.interface,
        error: error.message,
      });
  });
  transport.on('response', (packet, sender) => {
    try {
      heard([...(packet.answers ?? []), ...(packet.additionals ?? [])] as DnsRecord[], sender);
    } catch (error) {
      log('warn', 'mdns response could not be used', { interface: options.interface, error: String(error) });
    }
  });

  const browsers = Object.values(SERVICES).map((type) => {
    const [name = '', protocol = ''] = type.split('.').map((label) => label.slice(1));
    return new Browser(feed, { type: name, protocol: protocol as 'tcp' });
  });
  repeat(FIRST_REPEAT_MS);

  function repeat(pause: number): void {
    cancelRepeat = clock.after(pause, () => {
      for (const entry of table.sweep(clock.monotonic())) feed.takeBack(entry);
      for (const browser of browsers) browser.update();
      repeat(Math.min(pause * 2, LONGEST_PAUSE_MS));
    });
  }

  function ask(questions: Question[]): void {
    if (stopped) return;
    transport.query({ questions }, undefined, (error) => (error ? trouble(error) : options.onTrouble(null)));
  }

  function trouble(error: Error): void {
    log('debug', 'mdns interface trouble', { interface: options.interface, error: error.message });
    options.onTrouble(error.message);
  }

  function heard(records: DnsRecord[], { address }: RemoteInfo): void {
    const at = { interface: options.interface, loopback, at: clock.wall() };
    const learned = table.learn(records, address, clock.monotonic());
    for (const entry of learned.heard) {
      const service = feed.tell(entry, browsers);
      const sighting = service && toSighting(withService(entry, service), at);
      if (sighting) options.onSighting(sighting);
    }
    for (const entry of learned.gone) {
      feed.takeBack(entry);
      const sighting = toSighting(rawOf(entry), at, true);
      if (sighting) options.onSighting(sighting);
    }
    feed.askFor(learned.incomplete);
  }

  function rawOf(entry: ServiceEntry) {
    const repeater = !loopback && table.isRepeater(entry.sender);
    return { ...entry, host: entry.host ?? '', published: published(entry, repeater), repeater };
  }

  /** A device may publish addresses of its other networks (docker0 …): none of use here. A repeater's are elsewhere. */
  function published(entry: ServiceEntry, repeater: boolean): string[] {
    const addresses = table.publishedFor(entry);
    const { zone } = options;
    const linkLocal =
      zone === null ? [] : addresses.filter(isLinkLocal).map((address) => `${address}%${zone}`);
    const others = addresses.filter((address) => !isLinkLocal(address));
    return [...others.filter((address) => repeater || options.isOnLink(address)), ...linkLocal];
  }

  function withService(entry: ServiceEntry, service: Service) {
    const rawTxt: unknown = (service as { rawTxt?: unknown }).rawTxt;
    return { ...rawOf(entry), host: service.host, port: service.port, txt: (rawTxt ?? []) as Uint8Array[] };
  }

  return {
    refresh() {
      cancelRepeat();
      for (const browser of browsers) browser.update();
      repeat(FIRST_REPEAT_MS);
    },
    get size() {
      return table.size;
    },
    stop() {
      stopped = true;
      cancelRepeat();
      for (const browser of browsers) browser.stop();
      transport.destroy();
    },
  };
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}

/** Stands in for the transport under bonjour-service's Browsers: gathers their questions, feeds them whole answers. */
class Feed extends EventEmitter {
  #send: (questions: Question[]) => void;
  #questions = new Map<string, Question>();

  constructor(send: (questions: Question[]) => void) {
    super();
    this.#send = send;
    this.setMaxListeners(Object.keys(SERVICES).length);
  }

  /** Called by a Browser. All questions of one moment leave in one packet (RFC 6762 section 5.3). */
  query(name: string, type: Question['type']): void {
    if (this.#questions.size === 0)
      queueMicrotask(() => {
        const questions = [...this.#questions.values()];
        this.#questions.clear();
        this.#send(questions);
      });
    if (this.#questions.size < Object.keys(SERVICES).length + MAX_ASKED_BY_NAME)
      this.#questions.set(`${name} ${type}`, { name, type });
  }

  /** Asks for the SRV record of instances known by their PTR only. */
  askFor(entries: ServiceEntry[]): void {
    for (const entry of entries) this.query(entry.fqdn, 'SRV');
  }

  /** Hands a whole answer to the Browsers and returns what theirs made of it. */
  tell(entry: ServiceEntry, browsers: Browser[]): Service | undefined {
    const answers = [
      { name: SERVICES[entry.service], type: 'PTR', ttl: 120, data: entry.fqdn },
      { name: entry.fqdn, type: 'SRV', ttl: 120, data: { target: entry.host, port: entry.port } },
      { name: entry.fqdn, type: 'TXT', ttl: 120, data: entry.txt },
    ];
    this.emit('response', { answers, additionals: [] }, { address: entry.sender });
    const name = entry.fqdn.toLowerCase();
    return browserOf(entry.service, browsers)?.services.find(({ fqdn }) => fqdn.toLowerCase() === name);
  }

  takeBack(entry: ServiceEntry): void {
    const answers = [{ name: SERVICES[entry.service], type: 'PTR', ttl: 0, data: entry.fqdn }];
    this.emit('response', { answers, additionals: [] }, { address: entry.sender });
  }
}

function browserOf(service: ServiceKind, browsers: Browser[]): Browser | undefined {
  return browsers[Object.keys(SERVICES).indexOf(service)];
}

/** A socket that passes on only datagrams worth decoding, from senders on this link, within the budget. */
function guardedSocket(options: BrowserOptions, withinBudget: () => boolean): Socket {
  const type = 'ipv4' in options.at ? 'udp4' : 'udp6';
  const recvBufferSize = RECEIVE_BUFFER_BYTES;
  const socket = createSocket({ type, reuseAddr: true, ipv6Only: type === 'udp6', recvBufferSize });
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...args: unknown[]) => {
    if (event !== 'message') return emit(event, ...args);
    const [message, sender] = args as [Uint8Array, RemoteInfo];
    const wanted =
      isPlausibleResponse(message, sender.port) && options.accepts(sender.address) && withinBudget();
    return wanted && emit(event, ...args);
  };
  return socket;
}

function transportOptions({ at }: BrowserOptions, socket: Socket): Parameters<typeof multicastDns>[0] {
  return 'ipv4' in at
    ? { socket, type: 'udp4', interface: at.ipv4, bind: '0.0.0.0' }
    : { socket, type: 'udp6', ip: 'ff02::fb', interface: `::%${at.ipv6Zone}`, bind: '::' };
}
