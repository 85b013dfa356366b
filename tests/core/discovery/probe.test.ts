import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { probeSsh } from '../../../src/core/discovery/probe.ts';
import { MusterError } from '../../../src/shared/errors.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function serve(greet: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    greet(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const probe = (port: number, more = {}) => probeSsh({ host: '127.0.0.1', port, timeoutMs: 5000, ...more });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error as MusterError,
  );

describe('probeSsh', () => {
  it('reads the banner and where it came from', async () => {
    const port = await serve((socket) => socket.end('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'));
    expect(await probe(port)).toEqual({
      banner: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3',
      address: '127.0.0.1',
    });
  });

  it('takes lines before the banner, and a banner in pieces (RFC 4253 4.2)', async () => {
    const port = await serve((socket) => {
      socket.write('Authorised use only\r\nSS');
      setImmediate(() => socket.write('H-2.0-box\r\n'));
    });
    expect((await probe(port)).banner).toBe('SSH-2.0-box');
  });

  it('resolves names', async () => {
    const port = await serve((socket) => socket.end('SSH-2.0-x\r\n'));
    expect((await probe(port, { host: 'localhost' })).address).toBe('127.0.0.1');
  });

  it('says PORT_CLOSED when nothing listens', async () => {
    const port = await serve(() => {});
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await failure(probe(port))).toMatchObject({
      code: 'PORT_CLOSED',
      details: { host: '127.0.0.1', port },
    });
  });

  it('says HOST_UNKNOWN when the name means nothing', async () => {
    // A label over 63 bytes is refused by the resolver itself: no question leaves this machine.
    const host = `${'x'.repeat(64)}.invalid`;
    expect(await failure(probe(22, { host }))).toMatchObject({ code: 'HOST_UNKNOWN' });
  });

  it.each(['HTTP/1.1 400 Bad Request\r\n\r\n', '220 mail.example ESMTP\r\n', 'x'.repeat(9000)])(
    'says NOT_SSH for %.20s',
    async (greeting) => {
      const port = await serve((socket) => socket.write(greeting));
      const error = await failure(probe(port));
      expect(error).toMatchObject({ code: 'NOT_SSH' });
      expect(String(error?.details['banner']).length).toBeLessThanOrEqual(80);
    },
  );

  it('says NOT_SSH for a server that stays silent, in time', async () => {
    const port = await serve(() => {});
    expect(await failure(probe(port, { timeoutMs: 50 }))).toMatchObject({ code: 'NOT_SSH' });
  });

  it('says CONNECTION_LOST for a server that hangs up or is too busy', async () => {
    expect(await failure(probe(await serve((socket) => socket.end())))).toMatchObject({
      code: 'CONNECTION_LOST',
    });
    const busy = await serve((socket) => socket.end('Exceeded MaxStartups\r\n'));
    expect(await failure(probe(busy))).toMatchObject({ code: 'CONNECTION_LOST' });
  });

  it('can be cancelled', async () => {
    const controller = new AbortController();
    const port = await serve(() => controller.abort());
    expect(await failure(probe(port, { signal: controller.signal }))).toMatchObject({ code: 'CANCELLED' });
    expect(await failure(probe(port, { signal: AbortSignal.abort() }))).toMatchObject({ code: 'CANCELLED' });
  });
});
