/** A Pipe over a WebSocket: one binary message each. Takes any socket of that shape, so no library is named here. */
import { MusterError } from '../shared/errors.ts';
import { pipeEnd } from '../shared/pipe-end.ts';
import type { Pipe } from '../shared/pipe.ts';

/** The part of a Node WebSocket that a pipe uses. */
interface Socket {
  binaryType: string;
  send(data: Uint8Array): void;
  close(): void;
  on(event: 'message', fn: (data: Uint8Array, isBinary: boolean) => void): unknown;
  on(event: 'close', fn: (code: number) => void): unknown;
  on(event: 'error', fn: (error: Error) => void): unknown;
}

/** The pipe of an open socket. A text message is a broken peer: the pipe closes with BAD_FRAME. */
export function webSocketPipe(socket: Socket): Pipe {
  const { pipe, arrived, end } = pipeEnd({
    send: (message) => socket.send(message),
    close: () => socket.close(),
  });
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data, isBinary) => {
    if (isBinary) arrived(data);
    else end(new MusterError('BAD_FRAME', 'a text message on a binary socket'));
  });
  socket.on('close', (code) => {
    const well = code === 1000 || code === 1001 || code === 1005;
    end(well ? undefined : new MusterError('CONNECTION_LOST', `the engine's socket closed (${code})`));
  });
  socket.on('error', (error) => end(new MusterError('CONNECTION_LOST', error.message, {}, error)));
  return pipe;
}
