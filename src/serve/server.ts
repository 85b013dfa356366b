/**
 * The browser shell: the engine's page and socket on 127.0.0.1, for one person on this machine.
 * Owns the HTTP server. Refuses other hosts' names, other pages' origins, and anyone without a link or the key.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Engine } from '../core/engine.ts';
import { readPage } from '../core/page-files.ts';
import { MusterError } from '../shared/errors.ts';
import { ENGINE_SOCKET_PATH } from '../shared/shell-api.ts';
import { Access, type Asking } from './access.ts';
import { attachEngineSocket } from './engine-socket.ts';

/** A running browser shell. */
export interface Serving {
  port: number;
  /** A link that opens the page once; each call makes a new one. */
  link(): string;
  /** For MUSTER_ENGINE_URL: the engine's address with the key as its fragment. A secret of this user. */
  attachUrl: string;
  close(): Promise<void>;
}

/** Port tried first when none is asked for; the next nine follow if it is taken. */
export const DEFAULT_PORT = 7440;

function asking(request: IncomingMessage): Asking {
  const { host, origin, cookie, authorization } = request.headers;
  return { host, origin, cookie, authorization };
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  response.end(`${text}\n`);
}

async function listen(server: ReturnType<typeof createServer>, ports: number[]): Promise<number> {
  for (const port of ports) {
    const failed = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      server.once('error', resolve);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', resolve);
        resolve(null);
      });
    });
    if (!failed) return (server.address() as AddressInfo).port;
    if (failed.code !== 'EADDRINUSE' || port === ports.at(-1))
      throw new MusterError(
        'BAD_INPUT',
        `port ${port} cannot be used: ${failed.message}`,
        { field: 'port', port },
        failed,
      );
  }
  throw new MusterError('BAD_INPUT', 'no port given', { field: 'port' });
}

/** Serves `engine` and the page in `renderer`. `port` null: 7440 or the next free one; 0: any. */
export async function serve(options: {
  engine: Engine;
  renderer: string;
  port: number | null;
}): Promise<Serving> {
  const { engine, renderer } = options;
  const server = createServer();
  const first = options.port ?? DEFAULT_PORT;
  const ports = options.port === null ? Array.from({ length: 10 }, (_, i) => first + i) : [first];
  const port = await listen(server, ports);
  const access = new Access(port);
  const page = readPage(renderer, [`ws://127.0.0.1:${port}`, `ws://localhost:${port}`]);

  server.on('request', (request, response) => {
    const url = new URL(request.url ?? '/', `http://127.0.0.1:${port}`);
    if (!access.hostAllowed(asking(request))) return plain(response, 403, 'Not by that name.');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return plain(response, 405, 'Only reading here.');
    const token = url.searchParams.get('token');
    if (token !== null) {
      const cookie = access.redeem(token);
      if (cookie) {
        response.writeHead(303, { location: '/', 'set-cookie': cookie, 'cache-control': 'no-store' });
        return response.end();
      }
      if (!access.hasSession(asking(request)))
        return plain(
          response,
          403,
          'This link was used already. Press Enter in the window Muster was started in for a new one.',
        );
    }
    if (!access.hasSession(asking(request)))
      return plain(
        response,
        403,
        'Open Muster by the link it printed when it started; Enter there prints a new one.',
      );
    const file = page.get(url.pathname);
    if (!file) return plain(response, 404, 'There is nothing here.');
    response.writeHead(200, { ...file.headers, 'content-length': file.body.length });
    response.end(request.method === 'HEAD' ? undefined : file.body);
  });
  const closeSockets = attachEngineSocket(server, engine, (request) => access.mayConnect(asking(request)));

  return {
    port,
    link: () => `http://127.0.0.1:${port}/?token=${access.newToken()}`,
    attachUrl: `ws://127.0.0.1:${port}${ENGINE_SOCKET_PATH}#${access.key}`,
    close() {
      closeSockets();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
