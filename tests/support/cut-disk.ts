/**
 * A disk whose power goes after so many changes: that one is done by half where it can be (a write), later ones not at
 * all, nor is any clearing up. What was changed before stays, as on a card that was flushed.
 */
import { realDisk, type Disk, type Sink } from '../../device/firmware/disk.ts';

export class CutDisk implements Disk {
  /** Changes that were asked for, the refused ones included. */
  asked = 0;
  readonly #last: number;

  constructor(changes = Number.POSITIVE_INFINITY) {
    this.#last = changes;
  }

  get isCut(): boolean {
    return this.asked > this.#last;
  }

  makeFolder = (path: string) => this.#change(() => realDisk.makeFolder(path));
  copy = (from: string, to: string) => this.#change(() => realDisk.copy(from, to));
  link = (from: string, to: string) => this.#change(() => realDisk.link(from, to));
  symlink = (target: string, path: string) => this.#change(() => realDisk.symlink(target, path));
  chmod = (path: string, mode: number) => this.#change(() => realDisk.chmod(path, mode));
  rename = (from: string, to: string) => this.#change(() => realDisk.rename(from, to));
  remove = (path: string) => this.#change(() => realDisk.remove(path));
  syncFolder = (path: string) => this.#change(() => realDisk.syncFolder(path));

  async open(path: string, from: number): Promise<Sink> {
    const sink = await this.#change(() => realDisk.open(path, from));
    return {
      write: async (bytes) => {
        if (this.asked === this.#last) await sink.write(bytes.subarray(0, bytes.length >> 1));
        await this.#change(() => sink.write(bytes));
      },
      close: async (durable) => {
        await sink.close(false);
        await this.#change(async () => {
          if (durable) await realDisk.syncFolder(path);
        });
      },
    };
  }

  async #change<T>(work: () => Promise<T>): Promise<T> {
    this.asked++;
    if (this.isCut) throw Object.assign(new Error('the power is gone'), { code: 'EIO', syscall: 'write' });
    return work();
  }
}
