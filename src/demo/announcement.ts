/**
 * Announces the virtual devices by multicast DNS (RFC 6762) on loopback, all over one socket.
 * Owns: that socket, and that nothing leaves this machine: the kernel is told to send on 127.0.0.1 only, and to let
 * no packet past this host. Answers are multicast, never sent to an address. Refuses: to send before both are set.
 * Called by virtual-fleet.ts.
 */
import { createSocket } from 'node:dgram';
import multicastDns from 'multicast-dns';
import { passOnlyDecodable } from '../core/discovery/decodable-only.ts';
import { MusterError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import type { Clock } from '../shared/time.ts';
import { answersTo, goodbyeOf, recordsOf, type Announced, type ServiceRecord } from './service-records.ts';

const LOOPBACK = '127.0.0.1';
/** A second announcement a second after the first (RFC 6762 section 8.3), ms. */
const AGAIN_MS = 1000;
/** Questions about names in use, and the wait after each (section 8.1), ms. */
const PROBES = 2;
const PROBE_MS = 250;

export interface Announcer {
  /** Host names, one label each, that somebody else answers for on loopback now. */
  namesInUse(): Promise<Set<string>>;
  add(device: Announced): void;
  /** Says goodbye for all and closes the socket. */
  stop(): Promise<void>;
}

/** Opens the socket. Throws DEMO_FAILED when it cannot be had, or cannot be kept to loopback. */
export async function startAnnouncer({ clock, log }: { clock: Clock; log: Log }): Promise<Announcer> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  passOnlyDecodable(socket);
  const mdns = multicastDns({ socket, interface: LOOPBACK, bind: '0.0.0.0' });
  try {
    await new Promise<void>((resolve, reject) => {
      mdns.once('ready', resolve);
      mdns.once('error', reject);
    });
    socket.setMulticastInterface(LOOPBACK);
    socket.setMulticastTTL(0);
  } catch (cause) {
    mdns.destroy();
    const why = (cause as Error).message;
    throw new MusterError('DEMO_FAILED', `cannot announce on loopback: ${why}`, {}, cause);
  }
  const report = (error: Error): void => log('warn', 'multicast dns', { error: error.message });
  mdns.on('warning', report);
  mdns.on('error', report);

  /** One record list for each device. */
  const devices: ServiceRecord[][] = [];
  const timers = new Set<() => void>();

  function send(answers: ServiceRecord[], additionals: ServiceRecord[] = []): Promise<void> {
    const packet = { answers, additionals };
    return new Promise((done) =>
      mdns.respond(packet, (error) => {
        if (error) report(error);
        done();
      }),
    );
  }

  mdns.on('query', (query) => {
    for (const records of devices) {
      const { answers, additionals } = answersTo(records, query.questions ?? []);
      if (answers.length > 0) void send(answers, additionals);
    }
  });

  return {
    async namesInUse() {
      const names = new Set<string>();
      const listen = (response: multicastDns.ResponsePacket): void => {
        for (const record of [...(response.answers ?? []), ...(response.additionals ?? [])])
          // No time left is a goodbye.
          if (record.type === 'A' && record.ttl !== 0)
            names.add(record.name.replace(/\.local$/i, '').toLowerCase());
      };
      mdns.on('response', listen);
      for (let i = 0; i < PROBES; i++) {
        mdns.query([{ name: '_ssh._tcp.local', type: 'PTR' }]);
        await new Promise<void>((go) => clock.after(PROBE_MS, go));
      }
      mdns.removeListener('response', listen);
      return names;
    },
    add(device) {
      const records = recordsOf(device);
      devices.push(records);
      void send(records);
      const cancel = clock.after(AGAIN_MS, () => {
        timers.delete(cancel);
        void send(records);
      });
      timers.add(cancel);
    },
    async stop() {
      for (const cancel of timers) cancel();
      const goodbyes = devices.splice(0).map((records) => send(goodbyeOf(records)));
      await Promise.all(goodbyes);
      await new Promise<void>((done) => mdns.destroy(done));
    },
  };
}
