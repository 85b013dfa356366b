/**
 * A serial port of Linux to be listened to. Its file is held by one listener, under the port's lock, and opened anew
 * for the next, so that an adapter that was unplugged works again. Waits on the thread pool, never in the event loop.
 */
import { toMusterError } from '../../../src/shared/errors.ts';
import type { LinuxAddon } from '../linux-addon.ts';
import type { LineSettings } from './line-settings.ts';
import type { SerialBus } from './serial-bus.ts';
import { SerialPort } from './serial-port.ts';

/** A listener that goes is noticed after this long at the latest, ms. */
const WAIT_MS = 100;

export function createLinuxSerial(id: string, settings: LineSettings, load?: () => LinuxAddon): SerialBus {
  /** Settles when the listener before has given the port back. */
  let freed: Promise<void> = Promise.resolve();

  async function feed(port: SerialPort, isHeard: () => boolean, onBytes: (bytes: Uint8Array) => void) {
    try {
      while (isHeard()) {
        if (!(await port.wait(WAIT_MS)) || !isHeard()) continue;
        const bytes = port.read();
        if (bytes.length > 0) onBytes(bytes);
      }
    } finally {
      port.close();
    }
  }

  return {
    kind: 'serial',
    id,
    async listen(onBytes, onGone) {
      await freed;
      const port = new SerialPort(id, settings, load);
      if (!port.lock()) {
        port.close();
        throw port.inUse();
      }
      // what somebody said while nobody listened is old
      port.dropInput();
      let isHeard = true;
      freed = feed(port, () => isHeard, onBytes).catch((error: unknown) => onGone(toMusterError(error)));
      return {
        close() {
          isHeard = false;
        },
      };
    },
  };
}
