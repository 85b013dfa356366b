/**
 * A byte stream as a pipe: frames out, frames in.
 * Owns: that a side which stops reading slows only itself. While more than HIGH_WATER bytes wait to be taken, nothing
 * more is read from it, so that it cannot ask for more answers than it takes.
 */
import type { Duplex } from 'node:stream';
import { MusterError, toMusterError } from '../../src/shared/errors.ts';
import { frame, FrameParser, type Pipe } from '../../src/shared/pipe.ts';

const HIGH_WATER = 1024 * 1024;

/** Wraps `stream`. A frame that is not well formed ends the pipe with BAD_FRAME, a broken stream with CONNECTION_LOST. */
export function socketPipe(stream: Duplex): Pipe {
  const parser = new FrameParser();
  let early: Uint8Array[] = [];
  let receive: ((message: Uint8Array) => void) | null = null;
  let closed: ((error?: MusterError) => void) | null = null;
  let open = true;
  let ending: MusterError | undefined;

  function end(error?: MusterError): void {
    if (!open) return;
    open = false;
    ending = error;
    stream.destroy();
    closed?.(error);
  }

  stream.on('data', (bytes: Uint8Array) => {
    try {
      for (const message of parser.push(bytes)) {
        if (!open) return;
        if (receive) receive(message);
        else early.push(message);
      }
    } catch (error) {
      end(toMusterError(error, 'BAD_FRAME'));
    }
  });
  stream.on('drain', () => stream.resume());
  stream.on('error', (error) => end(new MusterError('CONNECTION_LOST', error.message, {}, error)));
  stream.on('end', () => end());
  stream.on('close', () => end());

  return {
    send(message) {
      if (!open) throw new MusterError('CLOSED', 'the pipe is closed');
      stream.write(frame(message));
      if (stream.writableLength > HIGH_WATER) stream.pause();
    },
    onMessage(fn) {
      receive = fn;
      const kept = early;
      early = [];
      for (const message of kept) fn(message);
    },
    onClose(fn) {
      closed = fn;
      if (!open) fn(ending);
    },
    close() {
      if (!open) return;
      open = false;
      // what was sent before goes out first; reading on lets the other side's end be seen
      stream.end();
      stream.resume();
      closed?.();
    },
  };
}
