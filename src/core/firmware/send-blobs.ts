/**
 * Brings the blobs that a device lacks to it: several writes in flight, so that a long line is kept full, and no more,
 * so that a slow one is not flooded. Resumes wherever the device says it is, at any byte.
 */
import { MusterError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time.ts';
import type { Bundle } from './bundle-file.ts';
import type { PushCalls } from './session.ts';

/** Writes on their way at once: the device unpacks one while others travel. */
const IN_FLIGHT = 4;
/** Bytes of a write: each costs the device some turns to its disk, so from small ones they grow while it answers soon. */
const LEAST_WRITE = 16 * 1024;
const MOST_WRITE = 1024 * 1024;
/** Answered sooner: twice as many the next time. Later: half. A call must be answered within two minutes. */
const QUICK_MS = 500;
const SLOW_MS = 4000;
/** Offers in a row after which the device holds no more than before. */
const VAIN_ROUNDS = 3;
/** Before asking again a device to which somebody else sends the same. */
const ASTRAY_MS = 200;

type DeviceCalls = Pick<PushCalls, 'offerFirmware' | 'writeBlob'>;
/** A device's answer to an offer. */
export type Offered = Awaited<ReturnType<DeviceCalls['offerFirmware']>>;

/** Offers the bundle. Throws as the call does. */
export function offer(call: DeviceCalls, { manifestBytes, signatures }: Bundle): Promise<Offered> {
  return call.offerFirmware({ manifest: manifestBytes, signatures });
}

/**
 * Offers the bundle and sends until the device lacks nothing. `onProgress` gets the bytes it holds of those it lacked
 * at the beginning, and their sum. Throws what the calls throw, FIRMWARE_DAMAGED when blobs arrive broken again and
 * again, CANCELLED after `signal`.
 */
export async function sendBlobs(
  call: DeviceCalls,
  bundle: Bundle,
  options: { clock: Clock; signal: AbortSignal; onProgress: (sent: number, total: number) => void },
): Promise<void> {
  const { clock, signal, onProgress } = options;
  let total: number | null = null;
  let least = Infinity;
  let vain = 0;
  for (;;) {
    const { missing } = await offer(call, bundle);
    const lacking = missing.reduce((sum, { packed, have }) => sum + packed - have, 0);
    total ??= missing.reduce((sum, { packed }) => sum + packed, 0);
    if (missing.length === 0) return onProgress(total, total);
    vain = lacking < least ? 0 : vain + 1;
    least = Math.min(least, lacking);
    if (vain >= VAIN_ROUNDS)
      throw new MusterError('FIRMWARE_DAMAGED', `${lacking} bytes do not arrive whole`, { bytes: lacking });
    let sent = total - lacking;
    onProgress(sent, total);
    const outcome = await round(call, bundle, missing, {
      clock,
      signal,
      onSent: (bytes) => onProgress((sent += bytes), total!),
    });
    if (outcome === 'astray') await new Promise<void>((resolve) => clock.after(ASTRAY_MS, resolve));
  }
}

/** Sends once all that is missing. `astray`: the device is elsewhere than was thought; it has to be asked. */
async function round(
  call: DeviceCalls,
  bundle: Bundle,
  missing: Offered['missing'],
  options: { clock: Clock; signal: AbortSignal; onSent: (bytes: number) => void },
): Promise<'done' | 'astray'> {
  const { clock, signal, onSent } = options;
  const flying = new Set<Promise<void>>();
  let size = LEAST_WRITE;
  // the first goes alone: a device that still takes what a line that was cut had brought is elsewhere in a moment
  let room = 1;
  let failure: { thrown: unknown } | null = null;
  let astray = false;

  async function write(sha256: string, offset: number, data: Uint8Array<ArrayBuffer>): Promise<void> {
    const from = clock.monotonic();
    try {
      const { have } = await call.writeBlob({ sha256, offset, data });
      const took = clock.monotonic() - from;
      if (took < QUICK_MS) size = Math.min(MOST_WRITE, size * 2);
      if (took > SLOW_MS) size = Math.max(LEAST_WRITE, size / 2);
      if (have === offset + data.length) onSent(data.length);
      else astray = true;
      room = IN_FLIGHT;
    } catch (thrown) {
      const damaged = thrown instanceof MusterError && thrown.code === 'FIRMWARE_DAMAGED';
      // what was kept of an earlier try was broken: nothing of it is there any more, it is sent anew
      if (damaged) astray = true;
      else failure ??= { thrown };
    }
  }

  sending: for (const { sha256, packed, have } of missing) {
    let at = have;
    // also for one that is there to its last byte: an empty write has the device check and keep it
    do {
      while (flying.size >= room) await Promise.race(flying);
      if (failure || astray || signal.aborted) break sending;
      const data = await bundle.readPacked(sha256, at, size);
      const flight = write(sha256, at, data);
      flying.add(flight);
      void flight.finally(() => flying.delete(flight));
      at += data.length;
    } while (at < packed);
  }
  await Promise.all(flying);
  if (signal.aborted) throw new MusterError('CANCELLED', 'the push was cancelled');
  if (failure) throw (failure as { thrown: unknown }).thrown;
  return astray ? 'astray' : 'done';
}
