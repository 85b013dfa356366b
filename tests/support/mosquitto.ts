/** Debian's own MQTT broker on a free loopback port, with its own configuration. Ended by its process number. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './sshd.ts';
import { until } from './until.ts';

export interface Mosquitto {
  /** `mqtt://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Its own log. */
  log(): string;
  /** Ends it; everybody's connection is cut. */
  stop(): Promise<void>;
  /** Starts it again on the same port. It has forgotten what it kept. */
  start(): Promise<void>;
  /** Ends it for good. */
  remove(): Promise<void>;
}

export interface MosquittoOptions {
  /** Passwords by user; without any everybody is let in. */
  users?: Record<string, string>;
  /** Further lines of mosquitto.conf(5). */
  config?: string[];
}

/** Starts one and waits until it answers. Gate with `need('mosquitto')`. */
export async function startMosquitto({ users, config = [] }: MosquittoOptions = {}): Promise<Mosquitto> {
  const dir = mkdtempSync(join(tmpdir(), 'msq-'));
  const port = await freePort();
  const log = join(dir, 'log');
  const lines = [
    'user root',
    `listener ${port} 127.0.0.1`,
    `allow_anonymous ${users === undefined}`,
    'persistence false',
    `log_dest file ${log}`,
    'log_type all',
    ...config,
  ];
  if (users) {
    const file = join(dir, 'passwords');
    const rows = Object.entries(users).map(([user, password]) => `${user}:${password}\n`);
    writeFileSync(file, rows.join(''), { mode: 0o600 });
    // turns them into hashes
    execFileSync('mosquitto_passwd', ['-U', file]);
    lines.push(`password_file ${file}`);
  }
  const conf = join(dir, 'mosquitto.conf');
  writeFileSync(conf, `${lines.join('\n')}\n`);
  let broker: ChildProcess | null = null;

  const readLog = (): string => {
    try {
      return readFileSync(log, 'utf8');
    } catch {
      return '';
    }
  };
  const here: Mosquitto = {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    log: readLog,
    async start() {
      if (broker) return;
      broker = spawn('/usr/sbin/mosquitto', ['-c', conf], { stdio: 'ignore' });
      await until(() => answers(port), `mosquitto on ${port}: ${readLog()}`, 20_000);
    },
    async stop() {
      const ending = broker;
      broker = null;
      if (!ending || ending.exitCode !== null) return;
      const gone = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGTERM');
      await gone;
    },
    async remove() {
      await here.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await here.start();
  return here;
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
