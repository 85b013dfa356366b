/** The register files of i2c-registers.c: an I2C adapter that the real addon talks to, and a bus in a process under it. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Bus } from '../../device/bus/bus.ts';
import { errorFromWire, type WireError } from '../../src/shared/errors.ts';

/** Device path that the register files stand for. */
export const ADAPTER = '/dev/i2c-1';
const CHILD = join(import.meta.dirname, 'i2c-child.ts');

/** A question to the child, and its answer. */
export type I2cOrder =
  | { do: 'write'; address: number; bytes: number[] }
  | { do: 'read'; address: number; length: number }
  | { do: 'writeRead'; address: number; bytes: number[]; length: number };
export type I2cAnswer = { bytes: number[] | null } | { error: WireError };

export class RegisterAdapter {
  readonly folder = mkdtempSync(join(tmpdir(), 'muster-i2c-'));
  readonly #library = join(this.folder, 'registers.so');
  readonly #children: ChildProcess[] = [];

  /** `compiler`: of the architecture whose programs shall see it. */
  constructor(compiler = 'gcc') {
    const source = join(import.meta.dirname, 'i2c-registers.c');
    execFileSync(compiler, ['-O1', '-shared', '-fPIC', '-o', this.#library, source, '-ldl']);
    mkdirSync(join(this.folder, 'chips'));
  }

  /** What a program needs in its environment to see the adapter. */
  get env(): { LD_PRELOAD: string; MUSTER_I2C: string } {
    return { LD_PRELOAD: this.#library, MUSTER_I2C: join(this.folder, 'chips') };
  }

  /** Puts a chip there, or changes one: `width` 1 or 2 bytes a register, 0 for one that hangs, 255 for a shorted bus. */
  plug(address: number, width: 0 | 1 | 2 | 255, registers: Uint8Array = new Uint8Array()): void {
    const path = join(this.folder, 'chips', address.toString(16).padStart(2, '0'));
    writeFileSync(`${path}.new`, Uint8Array.of(width, ...registers));
    renameSync(`${path}.new`, path);
  }

  unplug(address: number): void {
    rmSync(join(this.folder, 'chips', address.toString(16).padStart(2, '0')));
  }

  /** The product's bus in a process that sees the adapter. `program`: what runs it. `device`: the file it is told. */
  bus(device = ADAPTER, program?: (env: NodeJS.ProcessEnv) => string[]): Bus {
    const env = { PATH: process.env['PATH'], ...(program ? {} : this.env) };
    const [command = '', ...args] = program?.(this.env) ?? [process.execPath];
    const child = spawn(command, [...args, CHILD, device], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#children.push(child);
    const waiting: ((answer: I2cAnswer) => void)[] = [];
    createInterface(child.stdout).on('line', (line) => waiting.shift()?.(JSON.parse(line) as I2cAnswer));
    const ask = async (order: I2cOrder): Promise<Uint8Array> => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const answer = await new Promise<I2cAnswer>((resolve) => waiting.push(resolve));
      if ('error' in answer) throw errorFromWire(answer.error);
      return Uint8Array.from(answer.bytes ?? []);
    };
    return {
      kind: 'i2c',
      id: 'i2c-1',
      write: async (address, bytes) => void (await ask({ do: 'write', address, bytes: [...bytes] })),
      read: (address, length) => ask({ do: 'read', address, length }),
      writeRead: (address, bytes, length) => ask({ do: 'writeRead', address, bytes: [...bytes], length }),
    };
  }

  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
