/**
 * Uploads one file over SFTP: into a temporary name that carries the content's hash, then renamed.
 * After a cut the same call goes on where the last one stopped. That the bytes arrived whole is proven by the
 * reader's own hash on the device, not here: SFTP version 3 has none.
 */
import { posix } from 'node:path';
import { MusterError } from '../../shared/errors.ts';
import type { UploadSource } from './upload-source.ts';

type Done = (error?: Error | null) => void;

/** The part of an SFTP session (draft-ietf-secsh-filexfer-02, with OpenSSH's extensions) that is used here. */
export interface SftpSession {
  open(path: string, flags: 'w' | 'r+', cb: (error: Error | undefined, handle: Buffer) => void): void;
  write(handle: Buffer, data: Buffer, offset: number, length: number, at: number, cb: Done): void;
  close(handle: Buffer, cb: Done): void;
  stat(path: string, cb: (error: Error | undefined, stats: { size: number }) => void): void;
  chmod(path: string, mode: number, cb: Done): void;
  unlink(path: string, cb: Done): void;
  rename(from: string, to: string, cb: Done): void;
  ext_openssh_rename(from: string, to: string, cb: Done): void;
  ext_openssh_fsync(handle: Buffer, cb: Done): void;
  ext_openssh_statvfs(path: string, cb: (error: Error | undefined, info: unknown) => void): void;
}

export interface UploadOptions {
  mode: number;
  /** Bytes of one write. OpenSSH takes 128 KiB, others may promise 32 KiB only. */
  chunkBytes: number;
  onProgress?: ((done: number, total: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Bytes on their way at once. Also how far a resumed upload steps back: these may have arrived out of order. */
const WINDOW_BYTES = 2 * 1024 * 1024;

/** Uploads `source` to `path`. Returns the bytes sent. Throws DISK_FULL, INSTALL_STEP_FAILED, CANCELLED. */
export async function uploadFile(
  sftp: SftpSession,
  source: UploadSource,
  path: string,
  options: UploadOptions,
): Promise<number> {
  const part = posix.join(posix.dirname(path), `.${posix.basename(path)}.${source.sha256.slice(0, 16)}.part`);
  const size = await sizeOf(sftp, part);
  const from = size === null || size > source.size ? 0 : Math.max(0, size - WINDOW_BYTES);
  try {
    const handle = await promise<Buffer>((cb) => sftp.open(part, from > 0 ? 'r+' : 'w', cb));
    try {
      await writeAll(sftp, handle, source, from, options);
      await optional((cb) => sftp.ext_openssh_fsync(handle, cb));
    } finally {
      await promise((cb) => sftp.close(handle, cb)).catch(() => {});
    }
    await promise((cb) => sftp.chmod(part, options.mode, cb));
    await replace(sftp, part, path);
  } catch (thrown) {
    throw await uploadError(sftp, thrown, path, source.size);
  }
  return source.size - from;
}

async function writeAll(
  sftp: SftpSession,
  handle: Buffer,
  source: UploadSource,
  from: number,
  { chunkBytes, onProgress, signal }: UploadOptions,
): Promise<void> {
  let next = from;
  let done = from;
  const failures: unknown[] = [];
  onProgress?.(done, source.size);
  const lane = async () => {
    while (next < source.size && failures.length === 0) {
      if (signal?.aborted) throw new MusterError('CANCELLED', 'cancelled');
      const at = next;
      next += chunkBytes;
      const data = await source.read(at, Math.min(chunkBytes, source.size - at));
      await promise((cb) => sftp.write(handle, data, 0, data.length, at, cb));
      done += data.length;
      onProgress?.(done, source.size);
    }
  };
  const lanes = Array.from({ length: Math.ceil(WINDOW_BYTES / chunkBytes) }, () =>
    lane().catch((thrown: unknown) => void failures.push(thrown)),
  );
  // All lanes end before the handle is closed; the first failure is the one told.
  await Promise.all(lanes);
  if (failures.length > 0) throw failures[0];
}

async function replace(sftp: SftpSession, from: string, to: string): Promise<void> {
  if (await optional((cb) => sftp.ext_openssh_rename(from, to, cb))) return;
  // Plain SFTP rename refuses an existing target.
  await promise((cb) => sftp.unlink(to, cb)).catch(() => {});
  await promise((cb) => sftp.rename(from, to, cb));
}

async function sizeOf(sftp: SftpSession, path: string): Promise<number | null> {
  const stats = await promise<{ size: number }>((cb) => sftp.stat(path, cb)).catch(() => null);
  return stats?.size ?? null;
}

/** SFTP says only "Failure" when the disk is full: the free space tells. */
async function uploadError(
  sftp: SftpSession,
  thrown: unknown,
  path: string,
  needed: number,
): Promise<MusterError> {
  if (thrown instanceof MusterError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const free = await promise<unknown>((cb) => sftp.ext_openssh_statvfs(posix.dirname(path), cb))
    .then(freeBytes)
    .catch(() => null);
  if (/no space|quota/i.test(message) || (free !== null && free < WINDOW_BYTES))
    return new MusterError('DISK_FULL', `no room for ${path}`, { path, needed, free }, thrown);
  return new MusterError('INSTALL_STEP_FAILED', `upload of ${path}: ${message}`, { path }, thrown);
}

function freeBytes(info: unknown): number | null {
  if (typeof info !== 'object' || info === null) return null;
  const { f_frsize: unit, f_bavail: free } = info as Record<string, unknown>;
  return typeof unit === 'number' && typeof free === 'number' ? unit * free : null;
}

function promise<T = void>(call: (cb: (error?: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}

/** False when the server lacks the extension; ssh2 throws then. Other failures are thrown on. */
async function optional(call: (cb: Done) => void): Promise<boolean> {
  try {
    await promise(call);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && /does not support this extended request/i.test(thrown.message))
      return false;
    throw thrown;
  }
}
