/** What is uploaded: a file of this laptop or bytes in memory, with the hash it must have on the device. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

export interface UploadSource {
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
  /** Exactly `length` bytes from `position`, which lies within the size. */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Opens `from` (a path, or bytes). A path's hash is computed unless `sha256` is given. */
export async function openSource(from: string | Uint8Array, sha256?: string): Promise<UploadSource> {
  if (typeof from !== 'string') {
    const bytes = Buffer.from(from.buffer, from.byteOffset, from.byteLength);
    return {
      size: bytes.length,
      sha256: sha256 ?? createHash('sha256').update(bytes).digest('hex'),
      read: (position, length) => Promise.resolve(bytes.subarray(position, position + length)),
      close: () => Promise.resolve(),
    };
  }
  const hash = sha256 ?? (await hashFile(from));
  const file = await open(from, 'r');
  const { size } = await file.stat();
  return {
    size,
    sha256: hash,
    async read(position, length) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}

/** SHA-256 of a file, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
