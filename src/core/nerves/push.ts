/**
 * Sends a `.fw` into the `fwup` subsystem of a device: raw bytes, no framing either way. The device cannot be told that
 * the file ended, it waits for what it misses: only whole files are sent, no end of input, and silence has a limit.
 * Owns: that stream, and holding back its end until the caller has committed. Called by nerves-target.ts.
 */
import { open } from 'node:fs/promises';
import { MusterError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time.ts';
import type { SshConnection } from '../ssh/connection.ts';
import type { UploadEnd } from './decide.ts';
import type { FwFile } from './fw-file.ts';
import { FwupText } from './fwup-text.ts';

export interface PushOptions {
  connection: SshConnection;
  fw: Pick<FwFile, 'path' | 'bytes' | 'commitAt'>;
  /** See Sending in src/core/firmware/target.ts. */
  committing: () => Promise<void>;
  /** Stops it until `committing` was called. */
  signal: AbortSignal;
  clock: Clock;
  /** `written`: percent that fwup has on the medium, null before it says. */
  onProgress: (sent: number, written: number | null) => void;
  /** Without a byte taken or a word said for so long it is stuck, ms. */
  idleMs?: number;
}

export interface Pushed extends UploadEnd {
  /** Warnings and errors of fwup, one line. */
  message: string;
}

const PIECE = 64 * 1024;
/** Erasing and syncing a slow card take tens of seconds without a word. */
const IDLE_MS = 120_000;
/** After `Success!` the exit status follows at once, or the reboot is faster. */
const GOODBYE_MS = 5000;

/** Sends the file. Throws CANCELLED, INSTALL_STEP_FAILED {step} when the device stops taking it, UNSUPPORTED, CONNECTION_LOST. */
export async function pushFw(options: PushOptions): Promise<Pushed> {
  const { connection, fw, committing, signal, clock, onProgress, idleMs = IDLE_MS } = options;
  const heard = new FwupText();
  let sent = 0;
  let committed = false;
  let stopped: MusterError | null = null;
  let cancelIdle = () => {};
  const alive = () => {
    cancelIdle();
    cancelIdle = clock.after(heard.succeeded ? GOODBYE_MS : idleMs, () => {
      if (!heard.succeeded) stopped = stuck(idleMs, sent, fw.bytes);
      fwup.close();
    });
  };
  const fwup = await connection.subsystem('fwup', (text) => {
    heard.push(text);
    onProgress(sent, heard.percent);
    alive();
  });
  const cancel = () => {
    if (committed) return;
    stopped = new MusterError('CANCELLED', 'cancelled');
    fwup.close();
  };
  signal.addEventListener('abort', cancel);
  alive();
  try {
    if (signal.aborted) cancel();
    const file = await open(fw.path, 'r');
    try {
      const piece = Buffer.alloc(PIECE);
      while (sent < fw.bytes) {
        if (sent === fw.commitAt && !committed) {
          await committing();
          committed = true;
          alive();
        }
        const until = committed ? fw.bytes : fw.commitAt;
        const { bytesRead } = await file.read(piece, 0, Math.min(PIECE, until - sent), sent);
        if (bytesRead === 0)
          throw new MusterError('FIRMWARE_INVALID', 'shorter than before', {
            path: fw.path,
            reason: 'it was changed while it was sent',
          });
        // the channel keeps what it is given: a new copy each time
        if (!(await fwup.write(Buffer.from(piece.subarray(0, bytesRead))))) break;
        sent += bytesRead;
        onProgress(sent, heard.percent);
        alive();
      }
    } finally {
      await file.close();
    }
    const { code } = await fwup.ended;
    if (stopped) throw stopped;
    return { succeeded: heard.succeeded, code, committed, message: heard.message };
  } finally {
    cancelIdle();
    signal.removeEventListener('abort', cancel);
    fwup.close();
  }
}

function stuck(idleMs: number, sent: number, bytes: number): MusterError {
  const step = `fwup said and took nothing for ${idleMs / 1000} s after ${sent} of ${bytes} bytes`;
  return new MusterError('INSTALL_STEP_FAILED', step, { step });
}
