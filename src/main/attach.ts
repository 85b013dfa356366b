/**
 * The window over an engine that already runs elsewhere on this machine (`MUSTER_ENGINE_URL`, as `muster serve`
 * prints it: `ws://127.0.0.1:PORT/engine#KEY`). Bytes are passed on; the page cannot tell the difference.
 */
import { MessageChannelMain, type MessageEvent } from 'electron';
import { WebSocket } from 'ws';
import { MusterError } from '../shared/errors.ts';
import { MAX_MESSAGE } from '../shared/pipe.ts';
import type { EngineSource } from './engine-process.ts';

/** Takes an engine's address apart. Throws BAD_INPUT for anything that is not loopback with a key. */
export function parseEngineUrl(text: string): { url: string; key: string } {
  const url = URL.canParse(text) ? new URL(text) : null;
  const local = url?.hostname === '127.0.0.1' || url?.hostname === 'localhost';
  if (!url || url.protocol !== 'ws:' || !local || url.hash.length < 2)
    throw new MusterError(
      'BAD_INPUT',
      'MUSTER_ENGINE_URL has to look like ws://127.0.0.1:7440/engine#KEY; "muster serve --json" prints it',
      { field: 'MUSTER_ENGINE_URL' },
    );
  const key = url.hash.slice(1);
  url.hash = '';
  return { url: url.href, key };
}

/** Each port gets a socket of its own; either end's close closes the other. */
export function attachedEngine(address: string, log: (line: string) => void): EngineSource {
  const { url, key } = parseEngineUrl(address);
  const sockets = new Set<WebSocket>();
  return {
    connect() {
      const { port1, port2 } = new MessageChannelMain();
      const socket = new WebSocket(url, {
        headers: { authorization: `Bearer ${key}` },
        perMessageDeflate: false,
        maxPayload: MAX_MESSAGE,
      });
      sockets.add(socket);
      const early: Uint8Array[] = [];
      port2.on('message', ({ data }: MessageEvent) => {
        if (socket.readyState === WebSocket.CONNECTING) early.push(data as Uint8Array);
        else socket.send(data as Uint8Array);
      });
      port2.on('close', () => socket.close());
      socket.on('open', () => {
        for (const message of early.splice(0)) socket.send(message);
      });
      socket.on('message', (data: Buffer) => port2.postMessage(new Uint8Array(data)));
      socket.on('error', (error) => log(`The engine does not answer: ${error.message}`));
      socket.on('close', () => {
        sockets.delete(socket);
        port2.close();
      });
      port2.start();
      return port1;
    },
    stop() {
      for (const socket of sockets) socket.terminate();
    },
  };
}
