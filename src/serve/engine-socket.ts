/** The WebSocket door to the engine: one peer a socket. The home of `ws` in this room. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Engine } from '../core/engine.ts';
import { serveEngine } from '../core/engine-peer.ts';
import { webSocketPipe } from '../core/web-socket-pipe.ts';
import { MAX_MESSAGE } from '../shared/pipe.ts';
import { ENGINE_SOCKET_PATH } from '../shared/shell-api.ts';

/** Answers upgrades of `/engine` that `allowed` lets in; the others get 403 and are closed. Returns a closer. */
export function attachEngineSocket(
  server: Server,
  engine: Engine,
  allowed: (request: IncomingMessage) => boolean,
): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (new URL(request.url ?? '/', 'http://x').pathname !== ENGINE_SOCKET_PATH || !allowed(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      serveEngine(engine, webSocketPipe(webSocket)),
    );
  });
  return () => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  };
}
