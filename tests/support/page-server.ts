/** The built page and an engine, make-believe or real, behind one loopback port, under the policy of the real shells. */
import { createServer } from 'node:http';
import { globSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { WebSocketServer } from 'ws';
import { contentPolicy } from '../../src/core/content-policy.ts';
import { webSocketPipe } from '../../src/core/web-socket-pipe.ts';
import { ENGINE_SOCKET_PATH, ENGINE_SUBPROTOCOL } from '../../src/shared/shell-api.ts';
import type { FakeEngine } from './fake-engine.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files of a built page by URL path. */
export type PageFiles = ReadonlyMap<string, Buffer>;

/** Reads the page in `folder`, once for many servers. */
export function readPageFiles(folder: string): PageFiles {
  const paths = globSync('**/*.*', { cwd: folder });
  if (!paths.includes('index.html')) throw new Error(`there is no page in ${folder}`);
  return new Map(paths.map((path) => [`/${path}`, readFileSync(join(folder, path))]));
}

/** Serves a page (its folder, or its files read before) and `engine` on a free port. */
export async function servePage(
  page: PageFiles | string,
  engine: Pick<FakeEngine, 'serve'>,
): Promise<{ url: string; close: () => Promise<void> }> {
  const files = typeof page === 'string' ? readPageFiles(page) : page;
  const server = createServer((request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '');
    const body = files.get(path);
    const { port } = server.address() as AddressInfo;
    response.writeHead(body ? 200 : 404, {
      'content-type': TYPES[extname(path)] ?? 'text/plain',
      'content-security-policy': contentPolicy([`ws://127.0.0.1:${port}`]),
    });
    response.end(body);
  });
  const sockets = new WebSocketServer({
    server,
    path: ENGINE_SOCKET_PATH,
    handleProtocols: (offered) => (offered.has(ENGINE_SUBPROTOCOL) ? ENGINE_SUBPROTOCOL : false),
  });
  sockets.on('connection', (socket) => engine.serve(webSocketPipe(socket)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      for (const socket of sockets.clients) socket.terminate();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
