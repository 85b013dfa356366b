import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { messagePortPipe } from '../../renderer/message-port-pipe.ts';
import { engineSocketUrl, openSocketPipe } from '../../renderer/socket-pipe.ts';
import type { MusterError } from '../../src/shared/errors.ts';

/** The first error or undefined the pipe ends with. */
function ending(pipe: {
  onClose: (fn: (error?: MusterError) => void) => void;
}): Promise<MusterError | undefined> {
  return new Promise((resolve) => pipe.onClose(resolve));
}

describe('a pipe over a MessagePort', () => {
  it('carries bytes both ways, those sent before anybody listened too', async () => {
    const { port1, port2 } = new MessageChannel();
    const a = messagePortPipe(port1);
    const b = messagePortPipe(port2);
    a.send(new Uint8Array([1, 2]));
    a.send(new Uint8Array([3]));
    const got: number[][] = [];
    await new Promise<void>((resolve) =>
      b.onMessage((message) => {
        if (got.push([...message]) === 2) resolve();
      }),
    );
    expect(got).toEqual([[1, 2], [3]]);
    b.close();
  });

  it('ends with CONNECTION_LOST when the other side goes, and refuses to send then', async () => {
    const { port1, port2 } = new MessageChannel();
    const pipe = messagePortPipe(port1);
    const ended = ending(pipe);
    pipe.onMessage(() => {});
    port2.close();
    expect(await ended).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(() => pipe.send(new Uint8Array(1))).toThrow(expect.objectContaining({ code: 'CLOSED' }));
  });

  it('ends with BAD_FRAME when something comes that is not bytes', async () => {
    const { port1, port2 } = new MessageChannel();
    const pipe = messagePortPipe(port1);
    const ended = ending(pipe);
    pipe.onMessage(() => {});
    port2.postMessage({ not: 'bytes' });
    expect(await ended).toMatchObject({ code: 'BAD_FRAME' });
  });
});

describe('a pipe over a WebSocket', () => {
  it('finds the engine beside the page', () => {
    expect(engineSocketUrl({ protocol: 'http:', host: '127.0.0.1:7440' })).toBe('ws://127.0.0.1:7440/engine');
    expect(engineSocketUrl({ protocol: 'https:', host: 'x' })).toBe('wss://x/engine');
  });

  it('carries bytes, asks for its subprotocol, and tells when the engine goes', async () => {
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    const protocols: string[] = [];
    sockets.on('connection', (socket) => {
      protocols.push(socket.protocol);
      socket.on('message', (data: Buffer) => {
        socket.send(data);
        socket.terminate();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const pipe = await openSocketPipe(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/engine`);
    const ended = ending(pipe);
    const echoed = new Promise<Uint8Array>((resolve) => pipe.onMessage(resolve));
    pipe.send(new Uint8Array([7, 8]));
    expect([...(await echoed)]).toEqual([7, 8]);
    expect(await ended).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(protocols).toEqual(['muster']);
    server.close();
  });

  it('says CONNECTION_LOST when nobody is there', async () => {
    await expect(openSocketPipe('ws://127.0.0.1:9/engine')).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
  });
});
