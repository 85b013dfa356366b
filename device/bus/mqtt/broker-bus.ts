/**
 * A broker that is configured as a bus: one connection that all its listeners share, made when the first one listens and
 * given up a while after the last one has gone. The library is loaded then, in the host of this bus alone.
 */
import type { MusterError } from '../../../src/shared/errors.ts';
import type { Clock } from '../../../src/shared/time.ts';
import type { Ear, MqttBus } from './mqtt-bus.ts';
import type { BrokerAccess, BrokerLink } from './mqtt-client.ts';

/** A connection that nobody has wanted for so long is given up, ms. */
const IDLE_MS = 60_000;

export function createBrokerBus(
  id: string,
  broker: string,
  access: () => BrokerAccess,
  clock: Clock,
): MqttBus {
  let link: Promise<BrokerLink> | null = null;
  /** Up, down and why, or null: the first try is under way. */
  let condition: 'up' | MusterError | null = null;
  let waiting: (() => void)[] = [];
  let cancelIdle = (): void => {};
  const ears = new Map<Ear, readonly string[]>();

  function changed(to: 'up' | MusterError): void {
    condition = to;
    for (const go of waiting.splice(0)) go();
    if (to === 'up') return;
    const all = [...ears.keys()];
    ears.clear();
    for (const ear of all) ear.onGone(to);
  }

  async function connect(): Promise<BrokerLink> {
    const { connectBroker } = await import('./mqtt-client.ts');
    return connectBroker({
      broker,
      access,
      clock,
      onUp: () => changed('up'),
      onDown: changed,
      onMessage(topic, payload, isRetained) {
        for (const [ear, topics] of ears)
          if (topics.some((filter) => matches(filter, topic))) ear.onMessage(topic, payload, isRetained);
      },
    });
  }

  function idle(): void {
    cancelIdle();
    if (ears.size > 0) return;
    cancelIdle = clock.after(IDLE_MS, () => {
      void link?.then((made) => made.close());
      link = null;
      condition = null;
    });
  }

  async function connected(): Promise<BrokerLink> {
    idle();
    link ??= connect();
    const made = await link;
    if (condition === null) await new Promise<void>((resolve) => waiting.push(resolve));
    if (condition !== 'up') throw condition as unknown as MusterError;
    return made;
  }

  return {
    kind: 'mqtt',
    id,
    async listen(topics, ear) {
      const made = await connected();
      const close = (): void => {
        if (!ears.delete(ear)) return;
        const still = new Set([...ears.values()].flat());
        made.unsubscribe(topics.filter((topic) => !still.has(topic)));
        idle();
      };
      // what the broker kept comes at once
      ears.set(ear, topics);
      try {
        await made.subscribe(topics);
      } catch (error) {
        close();
        throw error;
      }
      cancelIdle();
      return { close };
    },
  };
}

/** MQTT 3.1.1 section 4.7.1, without `+`. */
function matches(filter: string, topic: string): boolean {
  if (!filter.endsWith('#')) return filter === topic;
  return topic.startsWith(filter.slice(0, -1)) && !topic.startsWith('$');
}
