/** A Pipe over the browser's WebSocket to the shell that served this page. */
import { MusterError } from '../src/shared/errors.ts';
import { pipeEnd } from '../src/shared/pipe-end.ts';
import type { Pipe } from '../src/shared/pipe.ts';
import { ENGINE_SOCKET_PATH, ENGINE_SUBPROTOCOL } from '../src/shared/shell-api.ts';

/** The engine's address beside the page's own. */
export function engineSocketUrl(page: { protocol: string; host: string }): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}${ENGINE_SOCKET_PATH}`;
}

/** Connects to `url`. Throws CONNECTION_LOST when it cannot; a browser does not say why. */
export function openSocketPipe(url: string): Promise<Pipe> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ENGINE_SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    const refused = () => reject(new MusterError('CONNECTION_LOST', `no answer from ${url}`));
    socket.addEventListener('close', refused);
    socket.addEventListener('open', () => {
      socket.removeEventListener('close', refused);
      resolve(socketPipe(socket));
    });
  });
}

function socketPipe(socket: WebSocket): Pipe {
  const { pipe, arrived, end } = pipeEnd({
    send: (message) => socket.send(new Uint8Array(message)),
    close: () => socket.close(),
  });
  socket.addEventListener('close', (event) =>
    end(new MusterError('CONNECTION_LOST', `the engine's socket closed (${event.code})`)),
  );
  socket.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.data instanceof ArrayBuffer) arrived(new Uint8Array(event.data));
    else end(new MusterError('BAD_FRAME', 'the engine sent something that is not bytes'));
  });
  return pipe;
}
