import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { messagePortPipe } from '../../src/core/message-port-pipe.ts';
import { connectPeer, servePeer } from '../../src/shared/peer.ts';

const contract = {
  calls: { echo: { input: z.instanceof(Uint8Array), output: z.instanceof(Uint8Array) } },
  events: {},
};

describe('a pipe over a message port', () => {
  it('carries calls both ways and ends when the port closes', async () => {
    const { port1, port2 } = new MessageChannel();
    servePeer(messagePortPipe(port1), contract, { echo: (bytes) => bytes });
    let ended = () => {};
    const end = new Promise<void>((resolve) => (ended = resolve));
    const client = connectPeer(messagePortPipe(port2), contract, {}, ended);
    const answer = await client.call.echo(new Uint8Array([1, 2, 3]));
    expect([...answer]).toEqual([1, 2, 3]);
    port1.close();
    await end;
    await expect(client.call.echo(new Uint8Array())).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('closes on a message that is not bytes', async () => {
    const { port1, port2 } = new MessageChannel();
    const pipe = messagePortPipe(port1);
    const closed = new Promise((resolve) => pipe.onClose(resolve));
    port2.postMessage('hello');
    await expect(closed).resolves.toMatchObject({ code: 'BAD_FRAME' });
  });
});
