/** Serial lines without wires: pairs of pseudo terminals, made by socat. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

/** A line with a port at each end. */
export class PtyLine {
  readonly folder = mkdtempSync(join(tmpdir(), 'muster-pty-'));
  /** Names of the ends, which stay when the line is made anew. */
  readonly near = join(this.folder, 'near');
  readonly far = join(this.folder, 'far');
  #socat: ChildProcess | null = null;

  /** Makes it, or makes it anew. */
  async plug(): Promise<void> {
    const end = (path: string): string => `pty,raw,echo=0,link=${path}`;
    this.#socat = spawn('socat', [end(this.near), end(this.far)], { stdio: 'ignore' });
    await until(() => existsSync(this.near) && existsSync(this.far), 'a line');
  }

  /** The kernel's own name of the near end. */
  get device(): string {
    return readlinkSync(this.near);
  }

  async unplug(): Promise<void> {
    const socat = this.#socat;
    this.#socat = null;
    if (!socat) return;
    const ended = new Promise((resolve) => socat.once('close', resolve));
    socat.kill('SIGTERM');
    await ended;
  }

  async remove(): Promise<void> {
    await this.unplug();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A port whose other end is this process: what is written there comes as `data`. */
export class PtySocket {
  readonly folder: string;
  readonly near: string;
  readonly far: Socket;
  readonly #socat: ChildProcess;

  constructor(folder: string, socat: ChildProcess, far: Socket) {
    this.folder = folder;
    this.near = join(folder, 'near');
    this.#socat = socat;
    this.far = far;
  }

  static async open(): Promise<PtySocket> {
    const folder = mkdtempSync(join(tmpdir(), 'muster-pty-'));
    const near = join(folder, 'near');
    const path = join(folder, 'socket');
    const server = createServer();
    const far = new Promise<Socket>((resolve) => server.once('connection', resolve));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const socat = spawn('socat', [`pty,raw,echo=0,link=${near}`, `UNIX-CONNECT:${path}`], {
      stdio: 'ignore',
    });
    const made = new PtySocket(folder, socat, await far);
    server.close();
    await until(() => existsSync(near), 'a port');
    return made;
  }

  /** The kernel's own name of the port. */
  get device(): string {
    return readlinkSync(this.near);
  }

  async remove(): Promise<void> {
    const ended = new Promise((resolve) => this.#socat.once('close', resolve));
    this.#socat.kill('SIGTERM');
    this.far.destroy();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
