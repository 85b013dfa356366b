/**
 * One SSH connection to a device. The only importer of ssh2 in the engine.
 * Owns: the handshake with a host key judged before anything is sent, the login, and what runs on the connection:
 * commands, uploads and pipes. Refuses: to connect without a verifier, to keep a password after the login.
 * Called by: install/ and the link, through the engine.
 */
import { type Socket } from 'node:net';
import ssh2, {
  Client,
  createAgent,
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  type BaseAgent,
  type ClientChannel,
  type ParsedKey,
  type SFTPWrapper,
} from 'ssh2';
import type { Fingerprint, Login } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import { noLog, type Log } from '../../shared/log.ts';
import type { Pipe } from '../../shared/pipe.ts';
import type { Clock } from '../../shared/time.ts';
import { realClock } from '../real-clock.ts';
import { answerOnce, AuthSequence, type AuthAttempt } from './authentication.ts';
import { bridgeEnd } from './bridge-end.ts';
import { channelPipe } from './channel-pipe.ts';
import { dial } from './dial.ts';
import { handshakeError, isAuthFailure } from './handshake-error.ts';
import { hostKeyAlgorithms } from './host-key-algorithms.ts';
import { hostVerifier, type Verify } from './host-verifier.ts';
import { overhearIdent } from './ident.ts';
import { PING_MS, watchSilence } from './keep-alive.ts';
import { badKeyFile, keyFaultOf, readKeyFile } from './key-file.ts';
import { OpenWork } from './open-work.ts';
import { runCommand, type ExecOptions, type ExecResult } from './run-command.ts';
import { uploadFile } from './sftp-upload.ts';
import { subsystemOn, type Subsystem } from './subsystem.ts';
import { openSource } from './upload-source.ts';

// a CommonJS export that Node's own ESM loader does not see by name
const { utils } = ssh2;

export interface SshOptions {
  host: string;
  port: number;
  login: Login;
  /** Muster's own private key, OpenSSH format. */
  ownKey?: string | undefined;
  /** Socket of an SSH agent, usually $SSH_AUTH_SOCK. */
  agent?: string | undefined;
  /** Private key files offered besides, where they can be read without a passphrase. */
  identityFiles?: string[] | undefined;
  /** Judges the host key, synchronously, before anything of the login is sent. */
  verify: Verify;
  /** Type of the pinned host key, so that a device with several keys is asked for that one. */
  pinnedType?: string | undefined;
  /** For reaching the host, and again for handshake and login. Default 15 s. */
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  clock?: Clock | undefined;
  log?: Log | undefined;
}

export interface Upload {
  /** Permission bits of the file, default 0600. */
  mode?: number | undefined;
  /** Hex hash of the source when the caller knows it: saves reading a file twice. */
  sha256?: string | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface SshConnection {
  readonly fingerprint: Fingerprint;
  /** The server's identification line, `SSH-2.0-OpenSSH_…`. */
  readonly ident: string;
  /** What let us in. */
  readonly loggedInBy: AuthAttempt<unknown>['source'];
  /** Runs a command through the user's shell. Throws CANCELLED, TIMEOUT, BAD_REPLY, CONNECTION_LOST, UNSUPPORTED. */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>;
  /** Puts a local file or bytes at an absolute path; goes on after a cut. Throws SFTP_UNAVAILABLE, DISK_FULL … */
  upload(from: string | Uint8Array, path: string, options?: Upload): Promise<{ sentBytes: number }>;
  /**
   * A pipe to the daemon's unix socket: forwarded by the server or, where that is refused, through
   * `bridgeCommand`. A bridge that finds no daemon ends the pipe with DAEMON_NOT_STARTED or NOT_INSTALLED.
   * Throws FORWARDING_REFUSED when neither is possible, CONNECTION_LOST.
   */
  pipe(socketPath: string, bridgeCommand: string): Promise<Pipe>;
  /** Opens a subsystem by name; `onText` gets what it says. Throws UNSUPPORTED where there is none, CONNECTION_LOST. */
  subsystem(name: string, onText: (text: string) => void): Promise<Subsystem>;
  /** Sets the one listener of the end: CONNECTION_LOST, or nothing after `close`. */
  onClose(fn: (error?: MusterError) => void): void;
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 15_000;
const OPEN_TIMEOUT_MS = 15_000;
/** OpenSSH takes 128 KiB in one SFTP write (twice the speed of 32 KiB); others promise no more than 32 KiB. */
const OPENSSH_CHUNK = 128 * 1024;
const PLAIN_CHUNK = 32 * 1024;

/**
 * Connects and logs in: Muster's own key, the agent, a key file, a password, in this order.
 * Throws HOST_UNKNOWN, HOST_UNREACHABLE, PORT_CLOSED, NOT_SSH, what `verify` returned, AUTH_NEEDED, AUTH_FAILED,
 * KEY_FILE_BAD, CONNECTION_LOST, UNSUPPORTED (no common algorithm), CANCELLED.
 */
export async function connectSsh(options: SshOptions): Promise<SshConnection> {
  const { host, port, verify, signal } = options;
  const clock = options.clock ?? realClock;
  const log = options.log ?? noLog;
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const sequence = new AuthSequence(await attempts(options));
  const socket = await dial({ host, port, timeoutMs, clock, signal });
  const client = new Client();
  let fingerprint: Fingerprint | null = null;
  let refusal: MusterError | null = null;
  let loggedInBy: AuthAttempt<unknown>['source'] = 'probe';
  const ident = overhearIdent(socket);

  return new Promise((resolve, reject) => {
    const settle = (error: MusterError | null) => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
      client.removeAllListeners('ready');
      client.removeAllListeners('close');
      client.removeAllListeners('error');
      if (error || !fingerprint) {
        client.on('error', () => {});
        socket.destroy();
        return reject(error ?? new MusterError('INTERNAL', 'connected without a judged host key'));
      }
      resolve(new Connection({ client, socket, clock, log, fingerprint, ident: ident(), loggedInBy }));
    };
    const fail = (error: Error) => {
      if (refusal) return settle(refusal);
      if (isAuthFailure(error)) return settle(sequence.failure(options.login.user));
      settle(handshakeError({ error, host, port, received: socket.bytesRead, ident: ident() || null }));
    };
    const onAbort = () => settle(new MusterError('CANCELLED', 'cancelled'));
    const cancelTimer = clock.after(timeoutMs, () => fail(new Error('handshake timeout')));
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort);

    client.on('ready', () => settle(null));
    client.on('close', () => fail(new Error('closed')));
    client.on('error', (error: Error & { level?: string }) => {
      // An agent that is not there or will not sign is no reason to give up: the next way is tried.
      if (error.level === 'agent') log('debug', 'ssh agent', { host, error: error.message });
      else fail(error);
    });
    const authHandler: AuthHandlerMiddleware = (methods, _partial, next) => {
      const attempt = sequence.next(methods);
      if (!attempt) return next(false as never);
      loggedInBy = attempt.source;
      next(attempt.offer);
    };
    client.connect({
      sock: socket,
      username: options.login.user,
      authHandler,
      hostVerifier: hostVerifier(verify, (judged, refused) => {
        fingerprint = judged;
        refusal = refused;
      }),
      algorithms: {
        cipher: {
          prepend: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com'],
          append: [],
          remove: [],
        },
        serverHostKey: { prepend: hostKeyAlgorithms(options.pinnedType), append: [], remove: [] },
      },
      readyTimeout: 0,
      keepaliveInterval: PING_MS,
      keepaliveCountMax: Number.POSITIVE_INFINITY, // watchSilence decides
      strictVendor: false,
    });
  });
}

type Opened<T> = (error: Error | undefined, channel: T) => void;

interface Parts {
  client: Client;
  socket: Socket;
  clock: Clock;
  log: Log;
  fingerprint: Fingerprint;
  ident: string;
  loggedInBy: AuthAttempt<unknown>['source'];
}

class Connection implements SshConnection {
  readonly fingerprint: Fingerprint;
  readonly ident: string;
  readonly loggedInBy: AuthAttempt<unknown>['source'];
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #work = new OpenWork();
  #ended: { error: MusterError | undefined } | undefined;
  #onClose: ((error?: MusterError) => void) | undefined;

  constructor({ client, socket, clock, log, fingerprint, ident, loggedInBy }: Parts) {
    this.fingerprint = fingerprint;
    this.ident = ident;
    this.loggedInBy = loggedInBy;
    this.#client = client;
    this.#clock = clock;
    const lost = (why: string, cause?: Error) => {
      stopWatch();
      this.#end(new MusterError('CONNECTION_LOST', why, {}, cause));
    };
    const stopWatch = watchSilence(
      clock,
      () => socket.bytesRead,
      () => {
        lost('nothing was heard any more');
        socket.destroy();
      },
    );
    client.on('error', (error: Error) => {
      log('debug', 'ssh connection', { error: error.message });
      lost(error.message, error);
      socket.destroy();
    });
    client.on('close', () => lost('the connection was cut'));
  }

  async exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
    const { result } = await this.#open(
      'UNSUPPORTED',
      (done: Opened<ClientChannel>) => void this.#client.exec(command, done),
      (channel) => ({ result: runCommand(channel, options, this.#clock) }),
    );
    return this.#work.run(result);
  }

  async upload(
    from: string | Uint8Array,
    path: string,
    options: Upload = {},
  ): Promise<{ sentBytes: number }> {
    const source = await openSource(from, options.sha256);
    try {
      const sftp = await this.#open(
        'SFTP_UNAVAILABLE',
        (done: Opened<SFTPWrapper>) => void this.#client.sftp(done),
        (session) => session,
      );
      sftp.on('error', () => {});
      const chunkBytes = this.ident.startsWith('SSH-2.0-OpenSSH') ? OPENSSH_CHUNK : PLAIN_CHUNK;
      try {
        const { mode = 0o600, onProgress, signal } = options;
        const work = uploadFile(sftp, source, path, { mode, onProgress, signal, chunkBytes });
        return { sentBytes: await this.#work.run(work) };
      } finally {
        sftp.end();
      }
    } finally {
      await source.close();
    }
  }

  async pipe(socketPath: string, bridgeCommand: string): Promise<Pipe> {
    try {
      return await this.#open(
        'FORWARDING_REFUSED',
        (done: Opened<ClientChannel>) => void this.#client.openssh_forwardOutStreamLocal(socketPath, done),
        (channel) => channelPipe(channel, () => this.#lostError()),
      );
    } catch (thrown) {
      if (this.#ended) throw thrown;
    }
    // Servers answer alike to "forwarding is forbidden" and to "nobody listens there": the bridge tells which.
    return this.#open(
      'FORWARDING_REFUSED',
      (done: Opened<ClientChannel>) => void this.#client.exec(bridgeCommand, done),
      (channel) => {
        const ending = bridgeEnd(channel, socketPath);
        return channelPipe(channel, () => this.#lostError() ?? ending());
      },
    );
  }

  subsystem(name: string, onText: (text: string) => void): Promise<Subsystem> {
    return this.#open(
      'UNSUPPORTED',
      (done: Opened<ClientChannel>) => void this.#client.subsys(name, done),
      (channel) => subsystemOn(channel, onText),
    );
  }

  onClose(fn: (error?: MusterError) => void): void {
    this.#onClose = fn;
    if (this.#ended) fn(this.#ended.error);
  }

  close(): void {
    this.#end(undefined);
    this.#client.end();
  }

  #lostError(): MusterError | null {
    return this.#ended?.error ?? null;
  }

  #end(error: MusterError | undefined): void {
    if (this.#ended) return;
    this.#ended = { error };
    this.#work.end(error ?? new MusterError('CLOSED', 'the connection is closed'));
    this.#onClose?.(error);
  }

  /**
   * Opens a channel; a refusal, or no answer in time, becomes `code`. `use` gets the channel at once: a short
   * command's exit may come in the same packet as the channel, and would be missed a microtask later.
   */
  #open<T, R>(
    code: 'UNSUPPORTED' | 'SFTP_UNAVAILABLE' | 'FORWARDING_REFUSED',
    start: (done: Opened<T>) => void,
    use: (channel: T) => R,
  ): Promise<R> {
    const opening = new Promise<R>((resolve, reject) => {
      const cancel = this.#clock.after(OPEN_TIMEOUT_MS, () =>
        reject(new MusterError(code, 'the server did not open a channel')),
      );
      try {
        start((error, channel) => {
          cancel();
          if (error) reject(new MusterError(code, error.message, {}, error));
          else resolve(use(channel));
        });
      } catch (thrown) {
        cancel();
        reject(new MusterError('CONNECTION_LOST', 'the connection is gone', {}, thrown));
      }
    });
    return this.#work.run(opening);
  }
}

/** What can be offered, in order. Throws KEY_FILE_BAD. */
async function attempts({
  login,
  ownKey,
  agent,
  identityFiles = [],
}: SshOptions): Promise<AuthAttempt<AnyAuthMethod>[]> {
  const username = login.user;
  const given = login.password !== undefined || login.keyPath !== undefined;
  const out: AuthAttempt<AnyAuthMethod>[] = [
    { method: 'none', source: 'probe', given: false, offer: { type: 'none', username } },
  ];
  const publickey = (source: 'own key' | 'key file', key: string | ParsedKey, isGiven: boolean) =>
    out.push({ method: 'publickey', source, given: isGiven, offer: { type: 'publickey', username, key } });
  if (ownKey !== undefined) publickey('own key', ownKey, false);
  if (agent !== undefined) {
    // OpenSSH cuts off at the sixth refused try: leave room for what the person gave.
    const offer = { type: 'agent' as const, username, agent: firstKeys(agent, given ? 2 : 4) };
    out.push({ method: 'publickey', source: 'agent', given: false, offer });
  }
  if (login.keyPath !== undefined)
    publickey('key file', await parseKeyFile(login.keyPath, login.passphrase), true);
  // one that is missing or locked is passed over, as ssh(1) does; the server's patience is short
  for (const path of identityFiles.slice(0, 2)) {
    const key = await parseKeyFile(path, undefined).catch(() => null);
    if (key) publickey('key file', key, false);
  }
  const { password } = login;
  if (password !== undefined) {
    const source = 'password';
    out.push({ method: 'password', source, given: true, offer: { type: 'password', username, password } });
    out.push({
      method: 'keyboard-interactive',
      source,
      given: true,
      offer: { type: 'keyboard-interactive', username, prompt: answerOnce(password) },
    });
  }
  return out;
}

async function parseKeyFile(path: string, passphrase: string | undefined): Promise<ParsedKey> {
  const parsed = utils.parseKey(await readKeyFile(path), passphrase);
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error) throw badKeyFile(path, keyFaultOf(key.message), key);
  if (!(key as ParsedKey).isPrivateKey()) throw badKeyFile(path, 'public-key');
  return key as ParsedKey;
}

function firstKeys(socketPath: string, count: number): BaseAgent<ParsedKey> {
  const agent = createAgent(socketPath) as BaseAgent<ParsedKey>;
  const all = agent.getIdentities.bind(agent);
  agent.getIdentities = (cb) =>
    all((error, keys) => (error ? cb(error) : cb(undefined, (keys ?? []).slice(0, count))));
  return agent;
}
