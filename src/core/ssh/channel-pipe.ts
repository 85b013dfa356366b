/**
 * A Pipe over a byte stream: message borders, half-open endings and back-pressure.
 * A reader that is not ready stops the channel's window, so that the device stops sending.
 */
import type { Duplex } from 'node:stream';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import { frame, FrameParser, MAX_MESSAGE, type Pipe } from '../../shared/pipe.ts';

/** Bytes kept for a receiver that is not set yet before the channel is paused. */
const EARLY_BYTES = 1024 * 1024;
/** Bytes that may wait for a far side that does not read; one largest message always fits. */
const MAX_QUEUED = 2 * MAX_MESSAGE;

/**
 * The pipe on `channel`. `endReason` may explain an end of the channel (a bridge that failed); null is a good end.
 * `close` ends the channel itself, since a half-open SSH channel outlives `end()`.
 */
export function channelPipe(
  channel: Duplex & { close(): void },
  endReason: () => MusterError | null = () => null,
): Pipe {
  const parser = new FrameParser();
  const early: Uint8Array[] = [];
  let earlyBytes = 0;
  let receive: ((message: Uint8Array) => void) | undefined;
  let onEnd: ((error?: MusterError) => void) | undefined;
  let ended: { error: MusterError | null } | undefined;

  const finish = (error: MusterError | null) => {
    if (ended) return;
    ended = { error };
    channel.end();
    channel.close();
    if (onEnd) onEnd(error ?? undefined);
  };

  channel.on('data', (chunk: Buffer) => {
    if (ended) return;
    try {
      for (const message of parser.push(chunk)) {
        if (receive) receive(message);
        else {
          early.push(message);
          earlyBytes += message.length;
        }
      }
      if (earlyBytes > EARLY_BYTES) channel.pause();
    } catch (thrown) {
      finish(toMusterError(thrown));
    }
  });
  channel.on('end', () => channel.end());
  channel.on('error', (error: Error) => finish(new MusterError('CONNECTION_LOST', error.message, {}, error)));
  channel.on('close', () => finish(endReason()));

  return {
    send(message) {
      if (ended) throw ended.error ?? new MusterError('CLOSED', 'the pipe is closed');
      channel.write(frame(message));
      if (channel.writableLength > MAX_QUEUED)
        finish(new MusterError('CONNECTION_LOST', 'the far side has stopped reading'));
    },
    onMessage(fn) {
      receive = fn;
      for (const message of early.splice(0)) fn(message);
      earlyBytes = 0;
      channel.resume();
    },
    onClose(fn) {
      onEnd = fn;
      if (ended) fn(ended.error ?? undefined);
    },
    close: () => finish(null),
  };
}
