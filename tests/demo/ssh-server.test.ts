/** The virtual device and the engine's own SSH connection: password, refusal, upload, pipe, cut. */
import { connect, createServer } from 'node:net';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSsh, type SshConnection } from '../../src/core/ssh/connection.ts';
import type { MusterError } from '../../src/shared/errors.ts';
import { until } from '../support/until.ts';
import { oneDevice, type OneDevice } from './one-device.ts';

let device: OneDevice;
beforeAll(async () => {
  device = await oneDevice();
});
afterAll(() => device.remove());

function login(password: string, user = 'pi', to = device): Promise<SshConnection> {
  return connectSsh({ host: '127.0.0.1', port: to.port, login: { user, password }, verify: () => null });
}

describe('the virtual device', () => {
  it('lets the right password in and tells of it', async () => {
    const connection = await login(device.password);
    expect(connection.loggedInBy).toBe('password');
    expect(connection.ident).toMatch(/^SSH-2\.0-Muster_/);
    expect((await connection.exec('echo $USER; exit 4')).code).toBe(4);
    connection.close();
    expect(device.events).toContainEqual({ type: 'login', method: 'password' });
  });

  it.each([
    ['a wrong password', 'wrong', 'pi'],
    ['an empty password', '', 'pi'],
    ['another user', 'right-password', 'root'],
  ])('refuses %s', async (_what, password, user) => {
    await expect(login(password, user)).rejects.toMatchObject({
      code: expect.stringMatching(/^AUTH_(FAILED|NEEDED)$/),
    });
    await until(() => device.events.some(({ type }) => type === 'refused'), 'the refusal is told');
  });

  it('listens on loopback only', async () => {
    const reached = await new Promise<string>((resolve) => {
      const socket = connect({ host: '::1', port: device.port }, () => resolve('reached'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
    expect(reached).toMatch(/^E/);
    const hex = device.port.toString(16).toUpperCase().padStart(4, '0');
    const listening = readFileSync('/proc/net/tcp', 'utf8').split('\n');
    const own = listening.filter((line) => line.includes(`:${hex} 00000000:0000`));
    expect(own.map((line) => line.trim().split(/\s+/)[1])).toEqual([`0100007F:${hex}`]);
  });

  it('takes the upload of the installer, whole and executable', async () => {
    const connection = await login(device.password);
    const content = Buffer.alloc(3_000_000, 'muster');
    mkdirSync(join(device.folder, 'opt', 'muster'), { recursive: true });
    const path = join(device.folder, 'opt', 'muster', 'daemon.mjs');
    await connection.upload(content, path, { mode: 0o755 });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o755);
    await expect(connection.upload(content, '/muster-outside')).rejects.toMatchObject({
      code: 'INSTALL_STEP_FAILED',
      message: expect.stringContaining('outside'),
    });
    connection.close();
  });

  it('cuts all connections at once, as a pulled cable does, and takes new ones', async () => {
    const connections = await Promise.all([login(device.password), login(device.password)]);
    const ends = connections.map(
      (connection) => new Promise<MusterError | undefined>((resolve) => connection.onClose(resolve)),
    );
    const running = connections[0]?.exec('sleep 600').catch((error: MusterError) => error.code);
    expect(device.cut()).toBeGreaterThanOrEqual(2);
    expect((await Promise.all(ends)).map((error) => error?.code)).toEqual([
      'CONNECTION_LOST',
      'CONNECTION_LOST',
    ]);
    expect(await running).toBe('CONNECTION_LOST');
    (await login(device.password)).close();
  });

  it('carries messages both ways through its socket', async () => {
    const path = join(device.folder, 'run', 'muster.sock');
    const server = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((go) => server.listen(path, go));
    const connection = await login(device.password);
    const pipe = await connection.pipe(path, 'exit 1');
    const message = Buffer.alloc(1_000_000, 7);
    const back = new Promise<Uint8Array>((resolve) => pipe.onMessage(resolve));
    pipe.send(message);
    expect(Buffer.from(await back).equals(message)).toBe(true);
    pipe.close();
    connection.close();
    server.close();
  });

  it('is the same device on the same port after a restart', async () => {
    const first = await oneDevice();
    const before = await login(first.password, 'pi', first);
    const second = await first.restart();
    const after = await login(second.password, 'pi', second);
    expect(after.fingerprint).toEqual(before.fingerprint);
    expect(second.port).toBe(first.port);
    expect(second.hardware).toBe(first.hardware);
    after.close();
    await second.remove();
  });

  it('has a host key unlike any other device', async () => {
    const other = await oneDevice();
    const [a, b] = [await login(device.password), await login(other.password, 'pi', other)];
    expect(a.fingerprint.sha256).not.toBe(b.fingerprint.sha256);
    expect(statSync(join(other.folder, 'etc/ssh/ssh_host_ed25519_key')).mode & 0o777).toBe(0o600);
    a.close();
    b.close();
    await other.remove();
  });

  it('survives clients that speak nonsense', async () => {
    for (const nonsense of ['GET / HTTP/1.1\r\n\r\n', 'SSH-2.0-x\r\n\0\0\0\x04zzzz', '']) {
      const socket = connect(device.port, '127.0.0.1');
      await new Promise<void>((go) => {
        socket.on('close', go).on('error', go).resume();
        socket.end(nonsense);
      });
    }
    const connection = await login(device.password);
    expect((await connection.exec('true')).code).toBe(0);
    connection.close();
  });
});
