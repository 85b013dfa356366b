import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { connectSsh } from '../../src/core/ssh/connection.ts';
import { dialError } from '../../src/core/ssh/dial.ts';
import { freePort } from '../support/sshd.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function serve(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const reach = (host: string, port: number, timeoutMs = 5000) =>
  connectSsh({ host, port, login: { user: 'pi' }, verify: () => null, timeoutMs });

it('names a host that does not resolve', async () => {
  // A label over 63 bytes cannot be asked for: the resolver refuses it without sending a packet.
  await expect(reach(`${'x'.repeat(64)}.local`, 22)).rejects.toMatchObject({ code: 'HOST_UNKNOWN' });
});

it('names a closed port', async () => {
  const port = await freePort();
  await expect(reach('127.0.0.1', port)).rejects.toMatchObject({
    code: 'PORT_CLOSED',
    details: { host: '127.0.0.1', port },
  });
});

it('names a port where something else answers', async () => {
  const port = await serve((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  });
  await expect(reach('127.0.0.1', port)).rejects.toMatchObject({ code: 'NOT_SSH' });
});

it('gives up on a host that takes the connection and says nothing', async () => {
  const port = await serve(() => {});
  await expect(reach('127.0.0.1', port, 200)).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
});

it('says so when a host hangs up before it has spoken', async () => {
  const port = await serve((socket) => socket.end());
  await expect(reach('127.0.0.1', port)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
});

it('stops waiting when it is cancelled', async () => {
  const port = await serve(() => {});
  const abort = new AbortController();
  const connecting = connectSsh({
    host: '127.0.0.1',
    port,
    login: { user: 'pi' },
    verify: () => null,
    signal: abort.signal,
  });
  setTimeout(() => abort.abort(), 50);
  await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' });
});

it.each([
  ['ENOTFOUND', 'HOST_UNKNOWN'],
  ['EAI_AGAIN', 'HOST_UNKNOWN'],
  ['ECONNREFUSED', 'PORT_CLOSED'],
  ['EHOSTUNREACH', 'HOST_UNREACHABLE'],
  ['ENETUNREACH', 'HOST_UNREACHABLE'],
  ['ETIMEDOUT', 'HOST_UNREACHABLE'],
])('maps %s to %s, also among several addresses', (code, expected) => {
  const one = Object.assign(new Error(code), { code });
  expect(dialError(one, 'h', 22).code).toBe(expected);
  expect(dialError(new AggregateError([one]), 'h', 22).code).toBe(expected);
});
