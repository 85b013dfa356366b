/** A broker as a driver sees it: topics to listen to. Whatever is behind them speaks by itself. */
import type { MusterError } from '../../../src/shared/errors.ts';

/** Somebody who listens. */
export interface Ear {
  /**
   * `isRetained`: the broker kept it from before we listened, nobody knows for how long. The bytes are the caller's, only
   * during the call.
   */
  onMessage(topic: string, payload: Uint8Array, isRetained: boolean): void;
  /** Nothing will come any more, and why. Called once. */
  onGone(error: MusterError): void;
}

export interface MqttBus {
  readonly kind: 'mqtt';
  /** Name in the configuration. */
  readonly id: string;
  /**
   * Hears `topics` from now on; a topic may end with `#`, for all below it. Rejects with BROKER_UNREACHABLE while there
   * is no connection, BROKER_REFUSED, CONFIG_INVALID where a file that the configuration names cannot be used.
   */
  listen(topics: readonly string[], ear: Ear): Promise<{ close(): void }>;
}
