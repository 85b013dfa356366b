/** A file that appears whole or not at all: written beside its place, made durable, then renamed. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MusterError } from '../shared/errors.ts';

/** Why a path cannot be written, in words, by Node's error code. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'the folder does not exist',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the name is too long',
  EFBIG: 'the disk cannot hold a file of that size',
};

/** A file being written. Exactly one of `finish` and `discard` ends it. */
export class WholeFile {
  readonly #path: string;
  readonly #temp: string;
  readonly #file: FileHandle;
  bytes = 0;

  private constructor(path: string, temp: string, file: FileHandle) {
    this.#path = path;
    this.#temp = temp;
    this.#file = file;
  }

  /** Begins a file for `path`; `mode` says who may read it. Throws EXPORT_PATH_UNWRITABLE {path, reason}. */
  static async begin(path: string, mode = 0o644): Promise<WholeFile> {
    const temp = join(dirname(path), `.${basename(path).slice(0, 200)}.${randomUUID()}.part`);
    try {
      if ((await stat(path).catch(() => null))?.isDirectory())
        throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
      return new WholeFile(path, temp, await open(temp, 'wx', mode));
    } catch (thrown) {
      throw unwritable(path, thrown);
    }
  }

  /** Appends; resolved when the system has taken it, so that the writer never runs ahead of the disk. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    try {
      for (let at = 0; at < bytes.length;)
        at += (await this.#file.write(bytes, at, bytes.length - at)).bytesWritten;
    } catch (thrown) {
      throw unwritable(this.#path, thrown);
    }
    this.bytes += bytes.length;
  }

  /** Makes it durable and gives it its name. */
  async finish(): Promise<void> {
    try {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#temp, this.#path);
      const folder = await open(dirname(this.#path), 'r');
      await folder.sync();
      await folder.close();
    } catch (thrown) {
      throw unwritable(this.#path, thrown);
    }
  }

  /** Removes what was written. Never throws: there is nobody to tell. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#temp, { force: true }).catch(() => {});
  }
}

/** Writes a file in one go, whole or not at all; `mode` says who may read it. Throws EXPORT_PATH_UNWRITABLE. */
export async function writeWhole(path: string, data: string | Uint8Array, mode?: number): Promise<void> {
  const file = await WholeFile.begin(path, mode);
  try {
    await file.write(data);
    await file.finish();
  } catch (thrown) {
    await file.discard();
    throw thrown;
  }
}

function unwritable(path: string, thrown: unknown): MusterError {
  const { code, message } = thrown as NodeJS.ErrnoException;
  const reason = REASONS[code ?? ''] ?? message;
  return new MusterError('EXPORT_PATH_UNWRITABLE', `${path}: ${reason}`, { path, reason }, thrown);
}
