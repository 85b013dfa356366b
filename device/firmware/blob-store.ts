/**
 * Files by the hash of their content, and the packed parts of those that are still arriving.
 * Owns: `blobs/`: `<sha256>` is whole and was checked; `<sha256>.<packed bytes>.part` is what came of one so far, and
 * goes on at its end after any cut; `<sha256>.unpacking` is nothing yet. Refuses: to keep what does not match its hash.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, createZstdDecompress } from 'node:zlib';
import { filtered } from '../../src/shared/branch-filter.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { WINDOW_LOG, type Manifest } from '../../src/shared/firmware.ts';
import { diskError, isSystemError } from './disk-errors.ts';
import type { Disk, Sink } from './disk.ts';

/** A blob's line in a manifest. */
export type Blob = Manifest['blobs'][number];

export class BlobStore {
  readonly folder: string;
  readonly #disk: Disk;
  /** Last work on each blob: two laptops may send the same one. */
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(folder: string, disk: Disk) {
    this.folder = folder;
    this.#disk = disk;
  }

  path(sha256: string): string {
    return join(this.folder, sha256);
  }

  async has(sha256: string): Promise<boolean> {
    return (await sizeOf(this.path(sha256))) !== null;
  }

  /**
   * Packed bytes that are here of a blob from an earlier try: all of them when it is whole. One of which all came
   * before a cut is unpacked now. Throws DISK_FULL {path}.
   */
  async resume(blob: Blob): Promise<number> {
    const have = await this.#have(blob);
    if (have < blob.packed || (await this.has(blob.sha256))) return have;
    return this.write(blob, have, new Uint8Array(0)).catch((thrown: unknown) => {
      if (thrown instanceof MusterError && thrown.code === 'FIRMWARE_DAMAGED') return 0;
      throw thrown;
    });
  }

  /**
   * Takes packed bytes from `offset` on and answers how many are here then; bytes for another place are dropped.
   * The last ones have it unpacked and checked. Throws FIRMWARE_DAMAGED {blob, reason} and keeps nothing of it;
   * DISK_FULL {path}.
   */
  write(blob: Blob, offset: number, data: Uint8Array): Promise<number> {
    const before = this.#queues.get(blob.sha256) ?? Promise.resolve();
    const work = before.then(() => this.#write(blob, offset, data));
    const settled = work.catch(() => {});
    this.#queues.set(blob.sha256, settled);
    void settled.then(() => {
      if (this.#queues.get(blob.sha256) === settled) this.#queues.delete(blob.sha256);
    });
    return work;
  }

  /** Drops what is damaged, so that it is sent anew. */
  async drop(sha256: string): Promise<void> {
    await this.#disk.remove(this.path(sha256));
  }

  /**
   * Removes every blob that is neither in `keep` nor linked into a slot, and all parts of blobs not in `keep`.
   * Where slots hold copies `keep` has to name theirs too.
   */
  async sweep(keep: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const [sha256 = '', ...more] = name.split('.');
      if (keep.has(sha256) || this.#queues.has(sha256)) continue;
      const path = join(this.folder, name);
      if (more.length === 0 && ((await stat(path).catch(() => null))?.nlink ?? 0) > 1) continue;
      await this.#disk.remove(path);
    }
  }

  async #have(blob: Blob): Promise<number> {
    return (await this.has(blob.sha256)) ? blob.packed : ((await sizeOf(this.#part(blob))) ?? 0);
  }

  #part({ sha256, packed }: Blob): string {
    return join(this.folder, `${sha256}.${packed}.part`);
  }

  async #write(blob: Blob, offset: number, data: Uint8Array): Promise<number> {
    const have = await this.#have(blob);
    const here = await this.has(blob.sha256);
    if (here || (offset !== have && have < blob.packed)) return have;
    try {
      // a part that is complete was cut while it was unpacked
      if (have < blob.packed) await this.#append(blob, have, data);
      const now = Math.max(have, offset + data.length);
      if (now < blob.packed) return now;
      await this.#finish(blob);
      return blob.packed;
    } catch (thrown) {
      throw diskError(thrown, this.folder);
    }
  }

  async #append(blob: Blob, from: number, data: Uint8Array): Promise<void> {
    if (from + data.length > blob.packed) {
      await this.#disk.remove(this.#part(blob));
      throw damaged(blob, `more than its ${blob.packed} bytes came`);
    }
    await this.#disk.makeFolder(this.folder);
    const sink = await this.#disk.open(this.#part(blob), from);
    try {
      await sink.write(data);
    } finally {
      await sink.close(false);
    }
  }

  async #finish(blob: Blob): Promise<void> {
    const temporary = join(this.folder, `${blob.sha256}.unpacking`);
    const sink = await this.#disk.open(temporary, 0);
    let reason: string | null;
    try {
      reason = await this.#unpack(blob, sink);
      await sink.close(reason === null);
    } catch (thrown) {
      await sink.close(false).catch(() => {});
      await this.#disk.remove(temporary).catch(() => {});
      throw thrown;
    }
    if (reason === null) {
      await this.#disk.chmod(temporary, 0o644);
      await this.#disk.rename(temporary, this.path(blob.sha256));
      await this.#disk.syncFolder(this.folder);
    }
    await this.#disk.remove(this.#part(blob));
    if (reason === null) return;
    await this.#disk.remove(temporary);
    throw damaged(blob, reason);
  }

  /** Null when the content is right, else what is wrong with it. Throws what the file system says. */
  async #unpack(blob: Blob, sink: Sink): Promise<string | null> {
    const hash = createHash('sha256');
    const decoder = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG } });
    const source = createReadStream(this.#part(blob));
    let trouble: unknown = null;
    source.on('error', (error) => decoder.destroy((trouble = error)));
    source.pipe(decoder);
    let bytes = 0;
    try {
      for await (const chunk of filtered(decoder, blob.filter, 'unpack')) {
        bytes += chunk.length;
        if (bytes > blob.bytes) return `it unpacks to more than its ${blob.bytes} bytes`;
        hash.update(chunk);
        await sink.write(chunk);
      }
    } catch (thrown) {
      if (trouble !== null || isSystemError(thrown)) throw thrown;
      return `it does not unpack: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    } finally {
      source.destroy();
      decoder.destroy();
    }
    return hash.digest('hex') === blob.sha256 ? null : 'its content is not what its hash says';
  }
}

function damaged(blob: Blob, reason: string): MusterError {
  return new MusterError('FIRMWARE_DAMAGED', `blob ${blob.sha256}: ${reason}`, { blob: blob.sha256, reason });
}

async function sizeOf(path: string): Promise<number | null> {
  return (await stat(path).catch(() => null))?.size ?? null;
}
