/** Slaves of modbus-slave.ts for a test: started, listened to, stopped for a while, ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './until.ts';

const PROGRAM = join(import.meta.dirname, 'modbus-slave.ts');

export class ModbusSlave {
  /** Coils as they were written last. */
  readonly coils = new Map<number, boolean>();
  readonly #child: ChildProcess;
  #isReady = false;

  /** `where`: a serial port's path, or a TCP port. */
  constructor(where: string | number) {
    const child = spawn(process.execPath, [PROGRAM, String(where)], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface(child.stdout).on('line', (line) => {
      const [word, coil, value] = line.split(' ');
      if (word === 'ready') this.#isReady = true;
      else if (word === 'coil') this.coils.set(Number(coil), value === '1');
    });
    this.#child = child;
  }

  async ready(): Promise<this> {
    await until(() => this.#isReady, 'a slave', 60_000);
    return this;
  }

  /** It hangs, or goes on. */
  hang(on: boolean): void {
    this.#child.kill(on ? 'SIGSTOP' : 'SIGCONT');
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}
