/**
 * A byte stream as a pipe: frames out, frames in.
 * Owns: that a side which stops reading slows only itself. While more than HIGH_WATER bytes wait to be taken, nothing
 * more is read from it, so that it cannot ask for more answers than it takes.
 */
import type { Duplex } from 'node:stream';
import { MusterError, toMusterError } from '../../src/shared/errors.ts';
import { pipeEnd } from '../../src/shared/pipe-end.ts';
import { frame, FrameParser, type Pipe } from '../../src/shared/pipe.ts';

const HIGH_WATER = 1024 * 1024;

/** Wraps `stream`. A frame that is not well formed ends the pipe with BAD_FRAME, a broken stream with CONNECTION_LOST. */
export function socketPipe(stream: Duplex): Pipe {
  const parser = new FrameParser();
  const { pipe, arrived, end } = pipeEnd({
    send(message) {
      stream.write(frame(message));
      if (stream.writableLength > HIGH_WATER) stream.pause();
    },
    close(byUs) {
      if (!byUs) {
        stream.destroy();
        return;
      }
      // what was sent before goes out first; reading on lets the other side's end be seen
      stream.end();
      stream.resume();
    },
  });
  stream.on('data', (bytes: Uint8Array) => {
    try {
      parser.push(bytes).forEach(arrived);
    } catch (error) {
      end(toMusterError(error, 'BAD_FRAME'));
    }
  });
  stream.on('drain', () => stream.resume());
  stream.on('error', (error) => end(new MusterError('CONNECTION_LOST', error.message, {}, error)));
  stream.on('end', () => end());
  stream.on('close', () => end());
  return pipe;
}
