import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSsh, type SshConnection, type SshOptions } from '../../../src/core/ssh/connection.ts';
import { ensureOwnKey } from '../../../src/core/ssh/own-key.ts';
import { frame } from '../../../src/shared/pipe.ts';
import { need } from '../../support/need.ts';
import { startPasswordServer } from '../../support/password-server.ts';
import { startSshd, until, type TestSshd } from '../../support/sshd.ts';

const anyKey = () => null;

describe.skipIf(!need('sshd', 'ssh'))("against Debian's OpenSSH server", () => {
  let sshd: TestSshd;
  let dir: string;
  let connection: SshConnection;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'msc-'));
    sshd = await startSshd();
    connection = await login();
  });
  afterAll(async () => {
    connection.close();
    await sshd.stop();
    rmSync(dir, { recursive: true });
  });

  const login = (more: Partial<SshOptions> = {}) =>
    connectSsh({
      host: '127.0.0.1',
      port: sshd.port,
      login: { user: sshd.user, keyPath: sshd.keyPath },
      verify: anyKey,
      ...more,
    });

  it('reports the fingerprint that ssh-keygen prints', () => {
    expect(connection.fingerprint.sha256).toBe(sshd.hostKeySha256);
    expect(connection.fingerprint.type).toBe('ssh-ed25519');
    expect(connection.ident).toMatch(/^SSH-2\.0-OpenSSH_/);
    expect(connection.loggedInBy).toBe('key file');
  });

  it('runs a command with its input, output, complaint and exit code', async () => {
    const result = await connection.exec('cat; echo oops >&2; exit 3', { stdin: 'grüß dich' });
    expect(result).toEqual({ code: 3, signal: null, stdout: 'grüß dich', stderr: 'oops\n' });
  });

  it('hands out lines as they come', async () => {
    const lines: string[] = [];
    await connection.exec('printf "one\\ntw"; sleep 0.1; printf "o\\nrest"', {
      onLine: (l) => lines.push(l),
    });
    expect(lines).toEqual(['one', 'two']);
  });

  it('ends a command that prints without end, that takes too long, or that is cancelled', async () => {
    await expect(connection.exec('yes', { maxOutputBytes: 100_000 })).rejects.toMatchObject({
      code: 'BAD_REPLY',
    });
    await expect(connection.exec('sleep 30', { timeoutMs: 100 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    const abort = new AbortController();
    const running = connection.exec('sleep 30', { signal: abort.signal });
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await connection.exec('echo ok')).stdout).toBe('ok\n');
  });

  it('uploads bytes and files, with the mode asked for, replacing what was there', async () => {
    const path = join(sshd.home, 'file.bin');
    await connection.upload(new TextEncoder().encode('old'), path);
    const content = randomBytes(3_000_001);
    const local = join(dir, 'local.bin');
    writeFileSync(local, content);
    const seen: number[] = [];
    const { sentBytes } = await connection.upload(local, path, {
      mode: 0o640,
      onProgress: (d) => seen.push(d),
    });
    expect(sentBytes).toBe(content.length);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(seen.at(-1)).toBe(content.length);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it('goes on where a cut upload stopped', async () => {
    const content = randomBytes(8 * 1024 * 1024);
    const path = join(sshd.home, 'resumed.bin');
    const hash = createHash('sha256').update(content).digest('hex');
    const part = join(sshd.home, `.resumed.bin.${hash.slice(0, 16)}.part`);
    const abort = new AbortController();
    const onProgress = (done: number) => done > 5_000_000 && abort.abort();
    const cut = connection.upload(content, path, { signal: abort.signal, onProgress });
    await expect(cut).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(existsSync(path)).toBe(false);
    expect(statSync(part).size).toBeGreaterThan(5_000_000);
    const { sentBytes } = await connection.upload(content, path);
    expect(sentBytes).toBeLessThan(6_000_000);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(existsSync(part)).toBe(false);
  });

  it('pipes framed messages to a unix socket and back', async () => {
    const socketPath = join(dir, 'echo.sock');
    const server = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    const pipe = await connection.pipe(socketPath, 'false');
    const got: Uint8Array[] = [];
    let closed = 0;
    pipe.onClose((error) => {
      expect(error).toBeUndefined();
      closed++;
    });
    pipe.send(new Uint8Array([1, 2, 3]));
    pipe.send(new Uint8Array(3_000_000).fill(7));
    pipe.onMessage((message) => got.push(message));
    await until(() => got.length === 2, 'both messages back');
    expect([...(got[0] ?? [])]).toEqual([1, 2, 3]);
    expect(got[1]?.length).toBe(3_000_000);
    pipe.close();
    expect(closed).toBe(1);
    expect(() => pipe.send(new Uint8Array(1))).toThrow(/closed/);
    await new Promise((resolve) => server.close(resolve));
  });

  it('stops a sender that the receiver does not keep up with, and ends when the far side ends', async () => {
    const socketPath = join(dir, 'flood.sock');
    const message = frame(new Uint8Array(64 * 1024));
    let sent = 0;
    const server = createServer((socket) => {
      const more = () => {
        while (sent < 1000 && socket.write(message)) sent++;
        sent++;
        if (sent >= 1000) socket.end();
      };
      socket.on('drain', more);
      socket.on('error', () => {});
      more();
    });
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    const pipe = await connection.pipe(socketPath, 'false');
    let before = -1;
    await until(async () => {
      const same = sent === before;
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return same;
    }, 'the sender to be stopped');
    expect(sent).toBeLessThan(300);
    let got = 0;
    let ended = false;
    pipe.onClose(() => {
      ended = true;
    });
    pipe.onMessage(() => got++);
    await until(() => ended, 'the end');
    expect(got).toBeGreaterThanOrEqual(999);
    await new Promise((resolve) => server.close(resolve));
  });

  it('takes the bridge where nobody answers on the socket, and says what the bridge said', async () => {
    const bridged = await connection.pipe(join(dir, 'none.sock'), 'cat');
    const back = new Promise<Uint8Array>((resolve) => bridged.onMessage(resolve));
    bridged.send(new Uint8Array([9]));
    expect([...(await back)]).toEqual([9]);
    bridged.close();
    const endOf = async (command: string) => {
      const pipe = await connection.pipe(join(dir, 'none.sock'), command);
      return new Promise((resolve) => pipe.onClose(resolve));
    };
    expect(await endOf('echo "no socket" >&2; exit 1')).toMatchObject({
      code: 'DAEMON_NOT_STARTED',
      details: { reason: 'no socket' },
    });
    expect(await endOf('/nowhere/node bridge')).toMatchObject({ code: 'NOT_INSTALLED' });
  });

  it('tries its own key first, then the agent, then the key file', async () => {
    const own = await ensureOwnKey(join(dir, 'config'));
    const agent = spawn('ssh-agent', ['-D', '-a', join(dir, 'agent.sock')], { stdio: 'ignore' });
    try {
      await until(() => existsSync(join(dir, 'agent.sock')), 'the agent');
      execFileSync('ssh-add', ['-q', sshd.keyPath], {
        env: { ...process.env, SSH_AUTH_SOCK: join(dir, 'agent.sock') },
      });
      const byAgent = await login({ ownKey: own.privateKey, agent: join(dir, 'agent.sock') });
      expect(byAgent.loggedInBy).toBe('agent');
      byAgent.close();
      const noAgent = await login({ agent: join(dir, 'no-agent.sock') });
      expect(noAgent.loggedInBy).toBe('key file');
      noAgent.close();
    } finally {
      agent.kill();
    }
    await connection.exec('mkdir -p "$HOME/.ssh" && cat >> "$HOME/.ssh/authorized_keys"', {
      stdin: own.publicLine + '\n',
    });
    const byOwn = await login({ ownKey: own.privateKey });
    expect(byOwn.loggedInBy).toBe('own key');
    byOwn.close();
  });

  it('asks when it has nothing to offer, and says what the server takes', async () => {
    await expect(login({ login: { user: sshd.user } })).rejects.toMatchObject({
      code: 'AUTH_NEEDED',
      details: { methods: 'publickey', tried: '' },
    });
  });

  it('names what is wrong with a key file', async () => {
    const encrypted = join(dir, 'encrypted');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'right', '-f', encrypted]);
    const other = join(dir, 'not-a-key');
    writeFileSync(other, 'hello');
    const fault = (keyPath: string, passphrase?: string) =>
      login({ login: { user: sshd.user, keyPath, ...(passphrase ? { passphrase } : {}) } }).catch(
        (error: { details: { reason: string } }) => error.details.reason,
      );
    expect(await fault(join(dir, 'nowhere'))).toBe('missing');
    expect(await fault(dir)).toBe('unreadable');
    expect(await fault(other)).toBe('not-a-key');
    expect(await fault(`${encrypted}.pub`)).toBe('public-key');
    expect(await fault(encrypted)).toBe('passphrase-needed');
    expect(await fault(encrypted, 'wrong')).toBe('passphrase-wrong');
    await expect(
      login({ login: { user: sshd.user, keyPath: encrypted, passphrase: 'right' } }),
    ).rejects.toMatchObject({ code: 'AUTH_FAILED', details: { tried: 'key file' } });
  });

  it('tells once when the connection is cut, and ends what was under way', async () => {
    const victim = await login();
    const ends: unknown[] = [];
    victim.onClose((error) => ends.push(error));
    const running = victim.exec('sleep 30');
    const uploading = victim.upload(new Uint8Array(100_000_000), join(sshd.home, 'big'));
    const both = Promise.allSettled([running, uploading]);
    sshd.cutConnections();
    for (const outcome of await both)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CONNECTION_LOST' } });
    expect(ends).toHaveLength(1);
    expect(ends[0]).toMatchObject({ code: 'CONNECTION_LOST' });
    await expect(victim.exec('true')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    connection = await login();
  });
});

describe('against a server with passwords', () => {
  const login = (port: number, password?: string) =>
    connectSsh({
      host: '127.0.0.1',
      port,
      login: { user: 'pi', ...(password === undefined ? {} : { password }) },
      verify: anyKey,
    });

  it.each([['password'], ['keyboard-interactive']] as const)('logs in by %s', async (method) => {
    const server = await startPasswordServer({ password: 'right', methods: [method] });
    const connection = await login(server.port, 'right');
    expect(connection.loggedInBy).toBe('password');
    expect(server.requests).toEqual(['none', method]);
    connection.close();
    await server.stop();
  });

  it('asks for a password when it has none', async () => {
    const server = await startPasswordServer({ password: 'right' });
    await expect(login(server.port)).rejects.toMatchObject({
      code: 'AUTH_NEEDED',
      details: { methods: 'password' },
    });
    await server.stop();
  });

  it('runs commands on a server that is not OpenSSH', async () => {
    const server = await startPasswordServer({ password: 'right' });
    const connection = await login(server.port, 'right');
    const { stdout } = await connection.exec('printf %s "$PATH"');
    expect(stdout).toBe('/usr/bin:/bin');
    connection.close();
    await server.stop();
  });
});
