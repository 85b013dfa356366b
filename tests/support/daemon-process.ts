/** The bundled daemon as a real process below a prefix of its own, and talking to it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { socketPipe } from '../../device/control/socket-pipe.ts';
import { bundleDaemon } from '../../src/build/daemon.ts';
import { decodeBatch, isPacked, type BatchColumns } from '../../src/shared/batch.ts';
import { deviceContract, PROTOCOL, type DeviceContract } from '../../src/shared/device-contract.ts';
import { connectPeer, type Client } from '../../src/shared/peer.ts';
import { until } from './until.ts';

let bundled: Promise<string> | null = null;

/** Path of a freshly made bundle, one a test process, in a folder with nothing else. */
export function daemonBundle(): Promise<string> {
  bundled ??= bundleDaemon(mkdtempSync(join(tmpdir(), 'muster-bundle-'))).then(({ path }) => path);
  return bundled;
}

export interface DaemonProcess {
  process: ChildProcess;
  /** All it has said. */
  said: () => string;
  /** Exit code, once it has ended; null when a signal ended it. */
  ended: Promise<number | null>;
}

/** A folder that stands for a machine. */
export class TestPrefix {
  readonly path = mkdtempSync(join(tmpdir(), 'muster-dev-'));
  readonly socket = join(this.path, 'run/muster/muster.sock');
  readonly state = join(this.path, 'var/lib/muster');
  readonly #started: DaemonProcess[] = [];
  readonly #bundle: () => Promise<string>;
  readonly #env: NodeJS.ProcessEnv;

  /** `env`: what its daemons find in their environment besides. `bundle`: the program; the daemon unless told. */
  constructor(env: NodeJS.ProcessEnv = {}, bundle: () => Promise<string> = daemonBundle) {
    this.#env = env;
    this.#bundle = bundle;
  }

  /** Puts a file below the prefix. */
  write(path: string, text: string, mode = 0o644): void {
    const at = join(this.path, path);
    mkdirSync(join(at, '..'), { recursive: true });
    writeFileSync(at, text, { mode });
  }

  config(text: string): void {
    this.write('var/lib/muster/config.yaml', text);
  }

  /** Starts a command of the bundle. `program`: what runs it, this Node unless told. */
  async spawn(args: string[], program: string[] = [process.execPath]): Promise<DaemonProcess> {
    const [command = '', ...before] = program;
    const env = {
      MUSTER_PREFIX: this.path,
      MUSTER_ANNOUNCE_INTERFACE: '127.0.0.1',
      PATH: process.env['PATH'],
      ...this.#env,
    };
    const child = spawn(command, [...before, await this.#bundle(), ...args], {
      env,
      cwd: this.path,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const started = { process: child, said: () => said, ended };
    this.#started.push(started);
    return started;
  }

  /** Starts `run` and waits until it serves. */
  async run(program?: string[]): Promise<DaemonProcess> {
    const daemon = await this.spawn(['run'], program);
    await until(
      () => {
        if (daemon.process.exitCode !== null) throw new Error(`the daemon ended: ${daemon.said()}`);
        return / info running /.test(daemon.said());
      },
      'the daemon',
      120_000,
    );
    return daemon;
  }

  /** Connects and says hello. */
  async connect(): Promise<Client<DeviceContract>> {
    const client = connectPeer(socketPipe(connect(this.socket)), deviceContract);
    await client.call.hello({ protocol: PROTOCOL, client: 'test', clientVersion: '0' });
    return client;
  }

  /** Ends what still runs and removes the folder. */
  async remove(): Promise<void> {
    for (const { process: child, ended } of this.#started) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Columns of a batch as it came over the wire. */
export function unpack(data: Uint8Array): BatchColumns {
  return decodeBatch(isPacked(data) ? zstdDecompressSync(data) : data);
}
