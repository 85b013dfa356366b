/**
 * A machine in QEMU on a disk of its own, reached through one port of loopback.
 * Owns: power. Refuses: to know what it is made of (pc.ts, pi3.ts) and what runs on it. Emulated throughout (TCG): /dev/kvm
 * may be there and hang.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';

/** Emulated on a busy machine, ms. */
const BOOT_MS = 1_200_000;
const END_MS = 180_000;

/** What a machine is made of. */
export interface Hardware {
  program: string;
  /** Arguments of QEMU but for network, console and display. */
  args: readonly string[];
  /** Its network card, on the network `lan`. */
  card: string;
}

export class VirtualMachine {
  readonly #hardware: Hardware;
  readonly #key: string;
  readonly #folder: string;
  #qemu: ChildProcess | null = null;
  /** Port of its SSH server on 127.0.0.1; the same after each boot. */
  readonly port: number;

  private constructor(hardware: Hardware, key: string, folder: string, port: number) {
    this.#hardware = hardware;
    this.#key = key;
    this.#folder = folder;
    this.port = port;
  }

  /** A machine that is off. `key` lets root in; what it says goes to `folder`. */
  static async make(hardware: Hardware, key: string, folder: string): Promise<VirtualMachine> {
    return new VirtualMachine(hardware, key, folder, await freePort());
  }

  /** Switches it on and waits until root can log in and systemd has started all it wants. Answers after how many s. */
  async boot(): Promise<number> {
    const from = performance.now();
    const { program, args, card } = this.#hardware;
    const serial = openSync(join(this.#folder, 'serial.log'), 'a');
    const network = `user,id=lan,restrict=on,hostfwd=tcp:127.0.0.1:${this.port}-:22`;
    this.#qemu = spawn(
      program,
      [
        ...args,
        '-accel',
        'tcg,thread=multi',
        '-display',
        'none',
        '-monitor',
        'none',
        '-netdev',
        network,
        '-device',
        `${card},netdev=lan`,
        '-serial',
        'stdio',
        '-no-reboot',
      ],
      { stdio: ['ignore', serial, serial] },
    );
    closeSync(serial);
    const up = (): boolean => {
      if (!this.running) throw new Error(`QEMU ended:\n${this.serial.slice(-2000)}`);
      const { stdout } = this.try('systemctl is-system-running');
      return ['running', 'degraded'].includes(stdout.trim());
    };
    await until(up, () => `a booted machine (${this.serial.slice(-2000)})`, BOOT_MS);
    return Math.round((performance.now() - from) / 1000);
  }

  get running(): boolean {
    return this.#qemu !== null && this.#qemu.exitCode === null && this.#qemu.signalCode === null;
  }

  /** What it said on its console. */
  get serial(): string {
    return readFileSync(join(this.#folder, 'serial.log'), 'utf8');
  }

  /** Pulls the plug: what the guest has not flushed is gone. */
  async cutPower(): Promise<void> {
    this.#qemu?.kill('SIGKILL');
    await until(() => !this.running, 'the end of QEMU', END_MS);
  }

  /** Waits until it has gone down by itself, after `reboot` or `poweroff`. Answers after how many s. */
  async wentDown(): Promise<number> {
    const from = performance.now();
    await until(
      () => !this.running,
      () => `an orderly end (${this.serial.slice(-1000)})`,
      END_MS,
    );
    return Math.round((performance.now() - from) / 1000);
  }

  /** Runs a line of shell as root; its output without the last line end. Throws with its complaint. */
  root(line: string, input = ''): string {
    const { status, stdout, stderr } = this.try(line, input);
    if (status !== 0) throw new Error(`${line}: status ${status}: ${stderr}${stdout}`);
    return stdout.trimEnd();
  }

  /** The same where failing is an answer. */
  try(line: string, input = ''): { status: number | null; stdout: string; stderr: string } {
    const options = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
      'BatchMode=yes',
      'ConnectTimeout=20',
    ];
    return spawnSync(
      'ssh',
      [
        '-F',
        'none',
        '-i',
        this.#key,
        '-p',
        String(this.port),
        ...options.flatMap((option) => ['-o', option]),
        'root@127.0.0.1',
        line,
      ],
      { input, encoding: 'utf8', maxBuffer: 1 << 28, timeout: END_MS },
    );
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
