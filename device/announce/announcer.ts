/**
 * Announces this device on the local networks by multicast DNS, where no avahi-daemon does it.
 * Owns: one responder an interface (a single one would speak on one interface only), the goodbye at the end, another
 * name when somebody has ours. Refuses: any interface but the one it is restricted to. Called by the tree.
 */
import { createSocket } from 'node:dgram';
import mdns from 'multicast-dns';
import type { Log } from '../../src/shared/log.ts';
import type { Clock } from '../../src/shared/time.ts';
import { KILLED, SHUTDOWN, type Child, type ExitReason } from '../otp/child.ts';
import type { InterfaceAddress } from '../platform/machine.ts';
import { passOnlyDecodable } from './decodable-only.ts';
import { answersTo, instanceName, nextName, records, type Announcement } from './records.ts';

export interface AnnouncerOptions {
  announcement: Announcement;
  /** IPv4 addresses of the machine now. */
  addresses: () => InterfaceAddress[];
  /** Announce on the interface with this address only; null: on all but loopback. */
  only: string | null;
  clock: Clock;
  log: Log;
}

/** How often the machine's addresses are looked at, ms. */
const LOOK_MS = 5000;
/** An announcement is said twice, this far apart (RFC 6762 section 8.3), ms. */
const REPEAT_MS = 1000;
const MDNS_PORT = 5353;

type Responder = ReturnType<typeof mdns>;

/** Starts announcing. Its end by itself is a fault: the port cannot be had. */
export function startAnnouncer(options: AnnouncerOptions): Child {
  return new Announcer(options);
}

class Announcer implements Child {
  readonly exited: Promise<ExitReason>;
  readonly #options: AnnouncerOptions;
  readonly #settle: (reason: ExitReason) => void;
  readonly #responders = new Map<string, Responder>();
  #announcement: Announcement;
  #cancelLook: () => void = () => {};
  /** From the goodbye on nothing is said any more: one late answer would bring the device back for two hours. */
  #leaving = false;
  #ended = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#announcement = options.announcement;
    const { promise, resolve } = Promise.withResolvers<ExitReason>();
    this.exited = promise;
    this.#settle = resolve;
    this.#look();
  }

  shutdown(): void {
    if (this.#leaving || this.#ended) return;
    this.#leaving = true;
    const goodbyes = [...this.#responders].map(
      ([address, responder]) =>
        new Promise<void>((resolve) => {
          responder.respond({ answers: this.#records(address, true) }, () => resolve());
        }),
    );
    void Promise.allSettled(goodbyes).then(() => this.#end(SHUTDOWN));
  }

  kill(): void {
    this.#end(KILLED);
  }

  #end(reason: ExitReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelLook();
    for (const responder of this.#responders.values()) responder.destroy();
    this.#responders.clear();
    this.#settle(reason);
  }

  /** Follows the machine's addresses: cables come and go. */
  #look(): void {
    if (this.#leaving || this.#ended) return;
    const { addresses, only, clock } = this.#options;
    const wanted = addresses().filter((row) => (only === null ? !row.internal : row.address === only));
    for (const [address, responder] of this.#responders)
      if (!wanted.some((row) => row.address === address)) {
        responder.destroy();
        this.#responders.delete(address);
      }
    for (const row of wanted) if (!this.#responders.has(row.address)) this.#open(row);
    this.#cancelLook = clock.after(LOOK_MS, () => this.#look());
  }

  #open(row: InterfaceAddress): void {
    const { address } = row;
    // Bound to the interface's own address the socket would hear no multicast at all.
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    passOnlyDecodable(socket);
    const responder = mdns({ socket, interface: address, bind: '0.0.0.0' });
    this.#responders.set(address, responder);
    responder.on('error', (error: Error) => this.#end({ kind: 'error', error }));
    responder.on('warning', (error: Error) => {
      this.#options.log('debug', 'mDNS', { address, error: error.message });
    });
    responder.on('ready', () => this.#say(address));
    // Every socket on the port hears every interface: answer only those that this interface leads to.
    responder.on('query', (query, sender) => {
      if (sameNet(row, sender.address)) this.#answer(responder, address, query, sender);
    });
    responder.on('response', (response) =>
      this.#heard([...(response.answers ?? []), ...(response.additionals ?? [])]),
    );
  }

  #records(address: string, goodbye = false): never[] {
    // the types of dns-packet know no record without a class; it fills in IN
    return records(this.#announcement, address, goodbye) as never[];
  }

  #say(address: string): void {
    const announce = () => {
      if (!this.#leaving) this.#responders.get(address)?.respond({ answers: this.#records(address) });
    };
    announce();
    this.#options.clock.after(REPEAT_MS, announce);
  }

  #answer(
    responder: Responder,
    address: string,
    query: mdns.QueryPacket,
    sender: { address: string; port: number },
  ): void {
    if (this.#leaving) return;
    const all = records(this.#announcement, address);
    const found = (query.questions ?? []).map((question) => answersTo(question, all));
    const answers = [...new Set(found.flatMap((each) => each.answers))];
    if (answers.length === 0) return;
    const additionals = [...new Set(found.flatMap((each) => each.additionals))].filter(
      (row) => !answers.includes(row),
    );
    const response = { answers: answers as never[], additionals: additionals as never[] };
    // one who asks from another port is no mDNS responder and listens there only (RFC 6762 section 6.7)
    if (sender.port === MDNS_PORT) responder.respond(response);
    else responder.respond({ ...response, id: query.id, questions: query.questions ?? [] }, sender);
  }

  /** Somebody else announces our name: the one with the greater id takes another. */
  #heard(answers: { name: string; type: string; data?: unknown }[]): void {
    const name = instanceName(this.#announcement).toLowerCase();
    const ours = this.#announcement.txt['id'] ?? '';
    for (const answer of answers) {
      if (answer.type !== 'TXT' || answer.name.toLowerCase() !== name) continue;
      const texts = (Array.isArray(answer.data) ? answer.data : [answer.data]).map(String);
      const theirs = texts.find((text) => text.startsWith('id='))?.slice(3) ?? '';
      if (theirs >= ours) continue;
      const instance = nextName(this.#announcement.instance);
      this.#options.log('warn', 'another device has our name', {
        taken: this.#announcement.instance,
        instance,
      });
      this.#announcement = { ...this.#announcement, instance };
      for (const address of this.#responders.keys()) this.#say(address);
      return;
    }
  }
}

/** True when `other` is in the network of `row`. */
export function sameNet(row: Pick<InterfaceAddress, 'address' | 'netmask'>, other: string): boolean {
  const bits = (dotted: string) => dotted.split('.').reduce((sum, part) => (sum << 8) | Number(part), 0);
  const mask = bits(row.netmask);
  return (bits(row.address) & mask) === (bits(other) & mask);
}
