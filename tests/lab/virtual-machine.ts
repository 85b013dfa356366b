/**
 * A machine in QEMU: an x64 computer on a disk layer of its own, reached through one port of loopback.
 * Owns: power. Refuses: to know what runs on it. Emulated throughout (TCG): /dev/kvm may be there and hang.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import type { VmImage } from './vm-image.ts';

/** Emulated on a busy machine, ms. */
const BOOT_MS = 600_000;
const END_MS = 180_000;

export class VirtualMachine {
  readonly #image: VmImage;
  readonly #folder: string;
  #qemu: ChildProcess | null = null;
  /** Port of its SSH server on 127.0.0.1; the same after each boot. */
  readonly port: number;

  private constructor(image: VmImage, folder: string, port: number) {
    this.#image = image;
    this.#folder = folder;
    this.port = port;
  }

  /** A machine that is off, with a fresh disk; what it writes goes to `folder`. */
  static async make(image: VmImage, folder: string): Promise<VirtualMachine> {
    execFileSync('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-b',
      image.disk,
      '-F',
      'raw',
      join(folder, 'disk.qcow2'),
    ]);
    return new VirtualMachine(image, folder, await freePort());
  }

  /** Switches it on and waits until root can log in and systemd has started all it wants. Answers after how many s. */
  async boot(): Promise<number> {
    const from = performance.now();
    const { kernel, initrd } = this.#image;
    const serial = openSync(join(this.#folder, 'serial.log'), 'a');
    this.#qemu = spawn(
      'qemu-system-x86_64',
      [
        '-M',
        'q35',
        '-accel',
        'tcg,thread=multi',
        '-cpu',
        'max',
        '-m',
        '1024',
        '-smp',
        '2',
        '-nodefaults',
        '-display',
        'none',
        '-kernel',
        kernel,
        '-initrd',
        initrd,
        '-append',
        'root=/dev/vda rw console=ttyS0 quiet',
        '-drive',
        `file=${join(this.#folder, 'disk.qcow2')},if=virtio,format=qcow2`,
        '-netdev',
        `user,id=lan,restrict=on,hostfwd=tcp:127.0.0.1:${this.port}-:22`,
        '-device',
        'virtio-net-pci,netdev=lan',
        '-serial',
        'stdio',
        '-no-reboot',
      ],
      { stdio: ['ignore', serial, serial] },
    );
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
        this.#image.key,
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
