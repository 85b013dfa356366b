/**
 * A connection to an MQTT broker that comes back by itself. The one home of the library, for the bus and the publisher.
 * Owns: connecting with MQTT 5 or else 3.1.1, last words, waits between tries, the bound on what is taken in, errors in
 * words. Refuses: to keep what could not be sent, or to know topics; after each `onUp` its caller subscribes anew.
 */
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { MqttClient } from 'mqtt';
import library from 'mqtt/lib/client';
import { toMusterError, type MusterError } from '../../../src/shared/errors.ts';
import type { Clock } from '../../../src/shared/time.ts';
import { brokerError, dismissed, isOtherVersion, refused, unreachable } from './broker-words.ts';
import { PacedStream } from './paced-stream.ts';

type ClientClass = typeof MqttClient;
/**
 * The library's client without its WebSockets and proxies, which are a third of it. It was compiled to CommonJS: Node and
 * the bundler give all its exports as the default one, a test runner the default one itself.
 */
const found = library as unknown as ClientClass | { default: ClientClass };
const Client = 'default' in found ? found.default : found;

/** How to get in. */
export interface BrokerAccess {
  /** `mqtt://host:1883` or `mqtts://host:8883`; the port may be left out. */
  broker: string;
  clientId: string;
  user?: string | undefined;
  password?: string | undefined;
  /** Text of the certificates to trust instead of the system's, PEM. */
  ca?: string | undefined;
}

/** Something to say on a topic. `isRetained`: the broker keeps it for who comes later. */
export interface Message {
  topic: string;
  payload: string | Uint8Array;
  isRetained: boolean;
}

export interface BrokerOptions {
  broker: string;
  /** Asked at every try, so that a mended password file counts. May throw; that counts as a try that failed. */
  access: () => BrokerAccess;
  clock: Clock;
  /** Said by the broker when we are gone without a word, and by ourselves when we close. */
  lastWords?: Message;
  /** Connected, for the first time or again. */
  onUp(): void;
  /** Not connected, and why; also called for each try that failed. The next try is under way. */
  onDown(error: MusterError): void;
  /** `isRetained`: it was kept by the broker from before we subscribed. The payload is ours only during the call. */
  onMessage?(topic: string, payload: Uint8Array, isRetained: boolean): void;
}

export interface BrokerLink {
  /** Resolves when the broker has it (QoS 1). Rejects with BROKER_UNREACHABLE when it is not known to have it. */
  publish(message: Message): Promise<void>;
  /** Resolves when the broker sends them (QoS 0). Rejects with BROKER_REFUSED, BROKER_UNREACHABLE. */
  subscribe(topics: readonly string[]): Promise<void>;
  unsubscribe(topics: readonly string[]): void;
  /** Says the last words and ends. Never rejects; after it nothing is called any more. */
  close(): Promise<void>;
}

/** The longest packet that is taken in, bytes: more than any device says of itself. */
export const LONGEST_PACKET = 128 * 1024;
/** Longest wait for a connection and its CONNACK, ms. */
const CONNECT_MS = 10_000;
const KEEPALIVE_S = 30;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** A connection that stood this long counts as well again, ms. */
const STEADY_MS = 30_000;
const GONE = 'it cut the connection; if that happens again and again, another client has the same clientId';
/** Longest wait for the goodbye, ms. */
const GOODBYE_MS = 1000;

/** Begins to connect; never throws. */
export function connectBroker(options: BrokerOptions): BrokerLink {
  const { broker, clock } = options;
  let client: MqttClient | null = null;
  let version: 4 | 5 = 5;
  let failures = 0;
  let closed = false;
  let cancelWait = (): void => {};
  /** Rejects of what the broker has not answered yet. */
  const unanswered = new Set<(error: MusterError) => void>();

  function attempt(): void {
    let access: BrokerAccess;
    try {
      access = options.access();
    } catch (error) {
      return lost(toMusterError(error), FIRST_WAIT_MS);
    }
    /** What the connection ends by; the first to say why is right. */
    let why: MusterError | null = null;
    let upAt: number | null = null;
    let isReached = false;
    let hasAnswered = false;
    const because = (error: MusterError): void => {
      why ??= error;
    };
    const reached = (): void => {
      isReached = true;
    };
    const mine = new Client(() => openStream(access, reached, because), {
      protocolVersion: version,
      clientId: access.clientId,
      ...(access.user !== undefined && { username: access.user }),
      ...(access.password !== undefined && { password: access.password }),
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_MS,
      reconnectPeriod: 0,
      ...(version === 5 && { properties: { maximumPacketSize: LONGEST_PACKET } }),
      ...(options.lastWords && { will: packetOf(options.lastWords) }),
    });
    client = mine;
    mine.on('connect', () => {
      upAt = clock.monotonic();
      if (!closed) options.onUp();
    });
    mine.on('packetreceive', () => (hasAnswered = true));
    mine.on('message', (topic, payload, { retain }) => {
      if (!closed) options.onMessage?.(topic, payload, retain);
    });
    mine.on('disconnect', ({ reasonCode }) => {
      because(dismissed(broker, reasonCode ?? 0));
      mine.stream.destroy();
    });
    mine.on('error', (error) => {
      if (isOtherVersion(error)) hasAnswered = false;
      because(brokerError(broker, error));
      // the library goes on after what it could not read
      mine.stream.destroy();
    });
    mine.once('close', () => {
      if (client !== mine) return;
      client = null;
      if (upAt !== null && clock.monotonic() - upAt >= STEADY_MS) failures = 0;
      mine.end(true);
      if (isReached && !hasAnswered) {
        // some old brokers say that they know no MQTT 5, others just hang up
        version = version === 5 ? 4 : 5;
        if (version === 4 && !closed) return attempt();
      }
      lost(why ?? unreachable(broker, upAt === null ? 'it cut the connection' : GONE));
    });
  }

  function lost(error: MusterError, least = 0): void {
    for (const reject of unanswered) reject(error);
    unanswered.clear();
    if (closed) return;
    const wait = Math.max(least, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++));
    cancelWait = clock.after(wait * (0.8 + 0.2 * Math.random()), attempt);
    options.onDown(error);
  }

  function openStream(
    { broker: url, ca }: BrokerAccess,
    reached: () => void,
    because: (error: MusterError) => void,
  ) {
    const { protocol, hostname, port } = new URL(url);
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const isTls = protocol === 'mqtts:';
    const to = { host, port: Number(port) || (isTls ? 8883 : 1883) };
    const socket = isTls
      ? connectTls({ ...to, ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }), ...(ca && { ca }) })
      : connectTcp(to);
    socket.setNoDelay(true);
    socket.once(isTls ? 'secureConnect' : 'connect', reached);
    socket.on('error', (error) => because(brokerError(broker, error)));
    return new PacedStream(socket, LONGEST_PACKET, () =>
      because(
        refused(broker, `sends a message of over ${LONGEST_PACKET / 1024} KB; subscribe to another topic`),
      ),
    );
  }

  /** Hands `work` the connection and a callback of the library; settles with it or with the connection. */
  function answered(work: (client: MqttClient, done: (error?: unknown) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!client?.connected) return reject(unreachable(broker, 'there is no connection now'));
      unanswered.add(reject);
      work(client, (error) => {
        unanswered.delete(reject);
        if (error) reject(toMusterError(error));
        else resolve();
      });
    });
  }

  const publish: BrokerLink['publish'] = (message) => {
    const { topic, payload, retain, qos } = packetOf(message);
    return answered((client, done) =>
      client.publish(topic, payload, { qos, retain }, (error) =>
        done(
          error &&
            refused(broker, `does not take what we say on ${topic}; give the user the right to`, error),
        ),
      ),
    );
  };

  attempt();
  return {
    publish,
    subscribe: (topics) =>
      answered((client, done) =>
        client.subscribe([...topics], { qos: 0 }, (error) =>
          done(
            error &&
              refused(broker, `does not let us hear ${topics.join(', ')}; give the user the right to`, error),
          ),
        ),
      ),
    unsubscribe(topics) {
      if (client?.connected && topics.length > 0) client.unsubscribe([...topics]);
    },
    async close() {
      if (closed) return;
      closed = true;
      cancelWait();
      const mine = client;
      if (mine?.connected) {
        const goodbye = async (): Promise<void> => {
          if (options.lastWords) await publish(options.lastWords);
          await mine.endAsync();
        };
        await Promise.race([goodbye().catch(() => {}), after(clock, GOODBYE_MS)]);
      }
      client = null;
      lost(unreachable(broker, 'we closed the connection'));
      mine?.end(true);
    },
  };
}

function packetOf({ topic, payload, isRetained }: Message) {
  return { topic, payload: Buffer.from(payload as string), qos: 1 as const, retain: isRetained };
}

function after(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
