/**
 * The SSH server of one virtual device, on 127.0.0.1 only: what sshd is on a real board.
 * Owns: its host key, its connections and what they run. The only importer of ssh2 in this room.
 * Refuses: other users than the device's, forwarding to anything but unix sockets in its own folder, terminals.
 * Called by virtual-device.ts.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import ssh2, { type AuthContext, type Connection, type PublicKeyAuthContext, type Session } from 'ssh2';
import type { Log } from '../shared/log.ts';
import type { Clock } from '../shared/time.ts';
import { VERSION } from '../shared/version.ts';
import { authorizedKeys } from './authorized-keys.ts';
import { confineTo, type Confinement } from './confinement.ts';
import { runCommand, type CommandChannel } from './device-command.ts';
import { serveSftp } from './sftp-server.ts';

const HOST = '127.0.0.1';
/** A client that has not logged in by then is sent away (sshd_config(5), LoginGraceTime), ms. */
const LOGIN_GRACE_MS = 30_000;
/** Wrong answers before the connection ends (sshd_config(5), MaxAuthTries). */
const MAX_TRIES = 6;

/** What the server reports. */
export type SshServerEvent =
  | { type: 'login'; method: 'publickey' | 'password' }
  | { type: 'refused'; method: string };

export interface SshServerOptions {
  /** The device's folder: writing, sockets and the host key stay in it. */
  folder: string;
  home: string;
  user: string;
  password: string;
  /** Whole environment of the commands. */
  environment: Record<string, string>;
  /** Port to try first; another is taken when it is in use. 0: any. */
  port: number;
  clock: Clock;
  log: Log;
  onEvent: (event: SshServerEvent) => void;
}

export interface SshServer {
  readonly port: number;
  /** Resets all connections, as a pulled cable ends them; answers with how many there were. */
  cut(): number;
  close(): Promise<void>;
}

/** What serving one client needs. */
interface Client extends SshServerOptions {
  confinement: Confinement;
  targetFirst: boolean;
}

/** Starts listening. Throws what the file system or the network says. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const hostKey = await hostKeyIn(join(options.folder, 'etc', 'ssh', 'ssh_host_ed25519_key'));
  const confinement = confineTo(options.folder, options.home);
  const server = new ssh2.Server({ hostKeys: [hostKey], ident: `Muster_${VERSION}` }, (connection, info) => {
    const targetFirst = /^(?:OpenSSH|dropbear)/.test(info.header.versions.software);
    serveConnection(connection, { ...options, confinement, targetFirst });
  });

  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    server.injectSocket(socket);
  });
  await listen(listener, options.port);

  function cut(): number {
    const open = sockets.size;
    for (const socket of sockets) socket.resetAndDestroy();
    return open;
  }

  return {
    port: (listener.address() as AddressInfo).port,
    cut,
    async close() {
      const closed = once(listener, 'close');
      listener.close();
      cut();
      await closed;
    },
  };
}

/** Listens on `port`, or on any free one where that is taken. */
async function listen(listener: Server, port: number): Promise<void> {
  listener.listen(port, HOST);
  try {
    await once(listener, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    listener.listen(0, HOST);
    await once(listener, 'listening');
  }
}

/** The device's host key, made on first use and kept: a device stays the same over restarts. */
async function hostKeyIn(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // one in some hundred pairs that ssh2 makes cannot be read again, by itself neither
  let pair = ssh2.utils.generateKeyPairSync('ed25519');
  while (ssh2.utils.parseKey(pair.private) instanceof Error) pair = ssh2.utils.generateKeyPairSync('ed25519');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, pair.private, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
  await writeFile(`${path}.pub`, `${pair.public}\n`);
  return pair.private;
}

function serveConnection(connection: Connection, client: Client): void {
  const { clock, log, onEvent } = client;
  const endGrace = clock.after(LOGIN_GRACE_MS, () => connection.end());
  // A cut or a hostile client is no fault of this process; the socket's close does the rest.
  connection.on('error', (error: Error) => log('debug', 'ssh client', { error: error.message }));
  connection.on('close', endGrace);
  let tries = 0;
  connection.on('authentication', (attempt) => {
    void admit(attempt, client).then((admitted) => {
      if (admitted) return attempt.accept();
      attempt.reject(['publickey', 'password']);
      if (attempt.method === 'none') return;
      onEvent({ type: 'refused', method: attempt.method });
      if (++tries >= MAX_TRIES) connection.end();
    });
  });
  connection.on('ready', () => {
    endGrace();
    connection.on('session', (accept) => serveSession(accept(), client));
    connection.on('openssh.streamlocal', (accept, reject, { socketPath }) => {
      openSocket(socketPath, client.confinement).then((socket) => joinStreams(accept(), socket), reject);
    });
  });
}

/** True when the attempt may go on: the key is authorized (and, once signed, proven), or the password right. */
async function admit(attempt: AuthContext, client: Client): Promise<boolean> {
  if (!sameText(attempt.username, client.user)) return false;
  if (attempt.method === 'publickey') {
    const proven = await provenBy(attempt, client.home);
    if (proven && attempt.signature) client.onEvent({ type: 'login', method: 'publickey' });
    return proven;
  }
  if (attempt.method !== 'password' || !sameText(attempt.password, client.password)) return false;
  client.onEvent({ type: 'login', method: 'password' });
  return true;
}

/** The file is read anew for each attempt: a key added a moment ago opens the door. */
async function provenBy(attempt: PublicKeyAuthContext, home: string): Promise<boolean> {
  const text = await readFile(join(home, '.ssh', 'authorized_keys'), 'utf8').catch(() => '');
  const known = authorizedKeys(text).find(({ blob }) => blob.equals(attempt.key.data));
  if (!known) return false;
  if (!attempt.signature || !attempt.blob) return true;
  const key = ssh2.utils.parseKey(`${known.type} ${known.blob.toString('base64')}`);
  if (key instanceof Error) return false;
  // An Error, says the library's code, where its types say boolean.
  const verdict: unknown = key.verify(attempt.blob, attempt.signature, attempt.hashAlgo);
  return verdict === true;
}

/** Compares without telling by its time where the two differ. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function serveSession(session: Session, client: Client): void {
  const { clock, confinement, environment, home, targetFirst } = client;
  let passSignal = (_signal: string): void => {};
  session.on('exec', (accept, _reject, { command }) => {
    const channel: CommandChannel = accept();
    passSignal = runCommand(channel, command, { directory: home, environment, clock });
  });
  session.on('signal', (_accept, _reject, { name }) => passSignal(name));
  session.on('subsystem', (accept, reject, { name }) => {
    if (name !== 'sftp') return reject();
    const channel = accept();
    void serveSftp(channel, { home, confinement, targetFirst }).then(() => {
      channel.exit(0);
      channel.end();
    });
  });
}

/** Connects to a unix socket in the device's folder. Rejects for one outside, or where nobody listens. */
async function openSocket(path: string, confinement: Confinement): Promise<Socket> {
  const socket = connect({ path: await confinement.file(path), allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

/** Carries bytes both ways; an end on one side ends that way only, a break on one side both. */
function joinStreams(channel: Duplex, socket: Socket): void {
  channel.pipe(socket);
  socket.pipe(channel);
  channel.on('error', () => socket.destroy());
  channel.on('close', () => socket.destroy());
  socket.on('error', () => channel.end());
}
