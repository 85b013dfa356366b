/** A Pipe over a MessagePort of Node or Electron: one Uint8Array a message. */
import { MusterError } from '../shared/errors.ts';
import { pipeEnd } from '../shared/pipe-end.ts';
import type { Pipe } from '../shared/pipe.ts';

/** The part of a port that a pipe uses; `event.data` is the message (Electron), or the event itself (Node). */
interface Port {
  postMessage(message: Uint8Array): void;
  on(event: 'message', fn: (event: unknown) => void): unknown;
  on(event: 'close', fn: () => void): unknown;
  start(): void;
  close(): void;
}

function bytesOf(event: unknown): unknown {
  return event instanceof Uint8Array ? event : (event as { data?: unknown } | null)?.data;
}

/** The pipe of a port. Anything but bytes is a broken peer and closes it with BAD_FRAME. */
export function messagePortPipe(port: Port): Pipe {
  const { pipe, arrived, end } = pipeEnd({
    send: (message) => port.postMessage(message),
    close: () => port.close(),
  });
  port.on('message', (event) => {
    const data = bytesOf(event);
    if (data instanceof Uint8Array) arrived(data);
    else end(new MusterError('BAD_FRAME', 'a message that is not bytes'));
  });
  port.on('close', () => end());
  port.start();
  return pipe;
}
