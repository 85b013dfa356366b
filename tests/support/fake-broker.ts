/** A broker in the test's own hands, as a driver sees it. */
import type { Ear, MqttBus } from '../../device/bus/mqtt/mqtt-bus.ts';
import type { MusterError } from '../../src/shared/errors.ts';

export class FakeBroker implements MqttBus {
  readonly kind = 'mqtt';
  readonly id = 'house';
  /** Why nobody can listen. */
  down: MusterError | null = null;
  readonly #ears = new Map<Ear, readonly string[]>();

  /** What is listened to. */
  get topics(): string[] {
    return [...this.#ears.values()].flat();
  }

  async listen(topics: readonly string[], ear: Ear): Promise<{ close(): void }> {
    if (this.down) throw this.down;
    this.#ears.set(ear, topics);
    return { close: () => void this.#ears.delete(ear) };
  }

  say(topic: string, payload: unknown, isRetained = false): void {
    const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
    for (const [ear, topics] of this.#ears)
      if (topics.includes(topic)) ear.onMessage(topic, bytes, isRetained);
  }

  cut(error: MusterError): void {
    for (const ear of this.#ears.keys()) ear.onGone(error);
    this.#ears.clear();
  }
}
