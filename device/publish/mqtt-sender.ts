/**
 * Sends parcels to an MQTT broker: a message a reading, QoS 1, in order; a reading counts as sent when the broker has said
 * that it has it. Tells Home Assistant of the channels where that is wanted.
 * Owns: how many messages are on their way, what is said on every connection. Refuses: to reconnect (the client does) and
 * to retain readings: who comes later gets the next one, and an old one would look like a new one.
 */
import type { MusterError } from '../../src/shared/errors.ts';
import { pause } from '../../src/shared/pause.ts';
import type { ChannelInfo } from '../../src/shared/reading.ts';
import type { Clock } from '../../src/shared/time.ts';
import { connectBroker, type BrokerAccess } from '../bus/mqtt/mqtt-client.ts';
import { waitAfter } from '../otp/backoff.ts';
import { isCurrent, type Announced } from './announced.ts';
import { announcementOf, topicsOf } from './home-assistant.ts';
import type { Parcel, Reading } from './parcel.ts';
import type { MqttConfig } from './publish-config.ts';
import type { PublisherPlan } from './publish-contract.ts';
import type { Sender } from './pump.ts';
import { doubtsOf, timeOf } from './senml.ts';

export interface MqttSenderOptions {
  config: MqttConfig;
  device: PublisherPlan['device'];
  /** The sensors whose readings are sent. */
  sensors: Readonly<Record<string, string>>;
  /** What Home Assistant was told; where it is not wanted any more, all of it is taken back. */
  announced: Announced;
  access: () => Pick<BrokerAccess, 'password' | 'ca'>;
  onProblem: (error: MusterError | null) => void;
  clock: Clock;
  random: () => number;
}

/** Messages on their way at once: a broker that tells no bound takes more, mosquitto's is 20 (MQTT 5 section 3.1.2.11.3). */
const WINDOW = 16;
const BACKOFF = { firstMs: 1000, immediate: 0, factor: 2, capMs: 60_000, jitter: 0.5, resetAfterMs: 0 };

export function mqttSender(options: MqttSenderOptions): Sender {
  const { config, device, sensors, announced, clock, random, onProblem } = options;
  const { broker, user, prefix, homeAssistant } = config;
  const root = homeAssistant === true ? 'homeassistant' : homeAssistant;
  const topics = topicsOf(prefix, device);
  const closing = new AbortController();
  /** Every connection has a number: what was said on an earlier one may be forgotten by the broker. */
  let connection = 0;
  let isUp = false;
  const waiting: (() => void)[] = [];
  const goOn = (): void => {
    for (const go of waiting.splice(0)) go();
  };
  /** Retained topics said on this connection. */
  let said = new Set<string>();
  let greeted = 0;

  const link = connectBroker({
    broker,
    access: () => ({
      broker,
      user,
      clientId: `muster-${device.id.slice(0, 8)}-${config.id}`,
      ...options.access(),
    }),
    clock,
    lastWords: { topic: topics.status, payload: 'offline', isRetained: true },
    onUp() {
      connection++;
      isUp = true;
      goOn();
    },
    onDown(error) {
      isUp = false;
      onProblem(error);
    },
  });

  /** Waits for a connection, and says on it what stands before every reading. */
  async function ready(): Promise<void> {
    if (!isUp && !closing.signal.aborted) await new Promise<void>((resolve) => waiting.push(resolve));
    if (greeted === connection || closing.signal.aborted) return;
    const mine = connection;
    said = new Set();
    await link.publish({ topic: topics.status, payload: 'online', isRetained: true });
    const gone = announced.outdated(root === false ? {} : sensors);
    // an empty retained message takes the one before away
    for (const topic of gone) await link.publish({ topic, payload: '', isRetained: true });
    announced.forget(gone);
    greeted = mine;
  }

  async function announce(channel: ChannelInfo): Promise<void> {
    // a backlog has readings of what is not configured any more
    if (root === false || !isCurrent(sensors, channel)) return;
    const { topic, payload } = announcementOf(root, prefix, device, channel);
    if (said.has(topic)) return;
    announced.note(topic, channel);
    await link.publish({ topic, payload, isRetained: true });
    said.add(topic);
  }

  /** Sends all readings but the first `from`; `onTaken` counts those that the broker has, in order. */
  async function sendFrom(parcel: Parcel, from: number, onTaken: () => void): Promise<void> {
    const underway: Promise<void>[] = [];
    let index = 0;
    const oldest = async (): Promise<void> => {
      await underway.shift();
      onTaken();
    };
    for (const reading of parcel.readings()) {
      if (index++ < from) continue;
      await announce(reading.channel);
      const sent = link.publish({
        topic: topics.reading(reading.channel),
        payload: payloadOf(reading),
        isRetained: false,
      });
      // awaited in its turn
      sent.catch(() => {});
      underway.push(sent);
      if (underway.length >= WINDOW) await oldest();
    }
    while (underway.length > 0) await oldest();
  }

  return {
    async send(parcel) {
      let taken = 0;
      let failures = 0;
      while (!closing.signal.aborted)
        try {
          await ready();
          if (closing.signal.aborted) break;
          await sendFrom(parcel, taken, () => {
            taken++;
            failures = 0;
          });
          onProblem(null);
          break;
        } catch (thrown) {
          onProblem(thrown as MusterError);
          await pause(clock, waitAfter(BACKOFF, ++failures, random), closing.signal);
        }
      return taken;
    },
    async close() {
      closing.abort();
      goOn();
      await link.close();
    },
  };
}

/**
 * One reading: the field names of a SenML record without the array around it, because a template or a rule in a broker's
 * world picks fields of an object. `q` is always there; `v` is null when the reading is missing.
 */
export function payloadOf(reading: Reading): string {
  const { value, quality, channel } = reading;
  return JSON.stringify({
    ...timeOf(reading),
    v: Number.isFinite(value) ? value : null,
    u: channel.unit,
    ...doubtsOf(reading),
    q: quality,
  });
}
