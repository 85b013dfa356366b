/** A serial line that a driver listens to: whatever is at its other end speaks by itself. */
import type { MusterError } from '../../../src/shared/errors.ts';

export interface SerialBus {
  readonly kind: 'serial';
  /** Name in the configuration. */
  readonly id: string;
  /**
   * Opens the port and tells of all bytes that come, and once why none will come any more. `close` gives the port back.
   * Rejects with BUS_MISSING where it cannot be had, or is held already.
   */
  listen(
    onBytes: (bytes: Uint8Array) => void,
    onGone: (error: MusterError) => void,
  ): Promise<{ close(): void }>;
}
