/**
 * Debian's own OpenSSH server on a free loopback port, with its own host key, authorised key and folder tree.
 * It stands for a device: MUSTER_PREFIX and HOME point into the tree, so that nothing outside is touched.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface TestSshd {
  readonly port: number;
  readonly user: string;
  /** Private key file that is let in. */
  readonly keyPath: string;
  /** The host key as `ssh-keygen -lf` prints it: SHA256:… */
  readonly hostKeySha256: string;
  /** The device's folder tree: MUSTER_PREFIX of every session. */
  readonly prefix: string;
  readonly home: string;
  /** A folder before PATH: a program put here stands in for the device's own. */
  fake(program: string, script: string): void;
  /** Ends the server's child processes: every connection is cut, the port still answers. */
  cutConnections(): void;
  /** Stops the server's child processes where they are: nothing is answered and nothing closed. False without any. */
  freezeConnections(): boolean;
  /** Makes a new host key and restarts, as a freshly written card would. */
  replaceHostKey(): Promise<void>;
  /** The server's own log. */
  log(): string;
  stop(): Promise<void>;
}

export interface SshdOptions {
  /** Lines for sshd_config, before the defaults: the first value counts. */
  config?: string[];
  /** Environment of every session, besides HOME, PATH and MUSTER_PREFIX. */
  env?: Record<string, string>;
  sftp?: boolean;
  /** False: the sessions have no MUSTER_PREFIX, as on a real device. Nothing but fakes must run there. */
  withPrefix?: boolean;
}

export async function startSshd(options: SshdOptions = {}): Promise<TestSshd> {
  // Short: a unix socket's path may have 107 bytes.
  const dir = mkdtempSync(join(tmpdir(), 'msd-'));
  const prefix = join(dir, 'dev');
  const home = join(prefix, 'home');
  const bin = join(dir, 'bin');
  for (const folder of [home, bin]) mkdirSync(folder, { recursive: true });
  const keyPath = join(dir, 'id');
  const hostKey = join(dir, 'hostkey');
  const keygen = (path: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', path]);
  keygen(keyPath);
  keygen(hostKey);
  writeFileSync(join(dir, 'authorized'), readFileSync(`${keyPath}.pub`));
  // sshd refuses authorized_keys in a folder others can write to.
  chmodSync(dir, 0o755);
  mkdirSync('/run/sshd', { recursive: true });

  const user = userInfo().username;
  const port = await freePort();
  const env: Record<string, string> = {
    HOME: home,
    PATH: `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    ...(options.withPrefix === false ? {} : { MUSTER_PREFIX: prefix }),
    ...options.env,
  };
  const lines = [
    ...(options.config ?? []),
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${hostKey}`,
    `PidFile ${join(dir, 'sshd.pid')}`,
    `AuthorizedKeysFile ${join(dir, 'authorized')} ${join(home, '.ssh/authorized_keys')}`,
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'PermitRootLogin yes',
    'LogLevel VERBOSE',
    ...(options.sftp === false ? [] : ['Subsystem sftp internal-sftp']),
    `SetEnv ${Object.entries(env)
      .map(([name, value]) => `${name}="${value}"`)
      .join(' ')}`,
  ];
  const config = join(dir, 'sshd_config');
  writeFileSync(config, `${lines.join('\n')}\n`);
  const logFile = join(dir, 'sshd.log');
  let server: ChildProcess;

  const start = async () => {
    // An absolute path: sshd re-executes itself from /.
    server = spawn('/usr/sbin/sshd', ['-D', '-f', config, '-E', logFile], { stdio: 'ignore' });
    await until(
      () => answers(port),
      `sshd on ${port}: ${existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''}`,
    );
  };
  const end = async () => {
    cut(server.pid);
    const gone = new Promise((resolve) => server.once('exit', resolve));
    if (server.exitCode === null && server.kill('SIGKILL')) await gone;
  };
  await start();

  return {
    port,
    user,
    keyPath,
    prefix,
    home,
    get hostKeySha256() {
      const line = execFileSync('ssh-keygen', ['-lf', `${hostKey}.pub`], { encoding: 'utf8' });
      return line.split(' ')[1] ?? '';
    },
    fake(program, script) {
      writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    },
    cutConnections: () => cut(server.pid),
    freezeConnections() {
      const children = childrenOf(server.pid);
      for (const child of children) process.kill(child, 'SIGSTOP');
      return children.length > 0;
    },
    async replaceHostKey() {
      await end();
      rmSync(hostKey);
      keygen(hostKey);
      await start();
    },
    log: () => readFileSync(logFile, 'utf8'),
    async stop() {
      await end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Kills the processes sshd forked for its connections, and theirs, never the listener. */
function cut(pid: number | undefined): void {
  for (const child of childrenOf(pid)) {
    // A detached daemon has left its session's process tree and stays, as it should.
    const grandchildren = childrenOf(child);
    // The session first: a cable that is cut does not tell of a command that was killed.
    kill(child);
    grandchildren.forEach(kill);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

function childrenOf(pid: number | undefined): number[] {
  if (pid === undefined || !existsSync(`/proc/${pid}/task`)) return [];
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Polls until `condition` holds; throws `what` after `ms`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  ms = 10_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
