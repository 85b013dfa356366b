/** A Pipe over the browser's WebSocket to the shell that served this page. */
import { MusterError } from '../src/shared/errors.ts';
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
  let open = true;
  let ended: ((error?: MusterError) => void) | undefined;
  const end = (error?: MusterError) => {
    if (!open) return;
    open = false;
    socket.close();
    ended?.(error);
  };
  socket.addEventListener('close', (event) =>
    end(new MusterError('CONNECTION_LOST', `the engine's socket closed (${event.code})`)),
  );
  return {
    send(message) {
      if (!open) throw new MusterError('CLOSED', 'the connection is closed');
      socket.send(new Uint8Array(message));
    },
    onMessage(fn) {
      socket.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (event.data instanceof ArrayBuffer) fn(new Uint8Array(event.data));
        else end(new MusterError('BAD_FRAME', 'the engine sent something that is not bytes'));
      });
    },
    onClose(fn) {
      ended = fn;
    },
    close: () => end(),
  };
}
