/**
 * The content of a bundle: packing it the same way every time, unpacking it again, proving it by its hashes.
 * Owns: zstd's parameters, and the cache of packed runtimes (a minute of work each). Refuses: layout (bundle-file.ts).
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { filtered, type BlobFilter } from '../../shared/branch-filter.ts';
import { MusterError } from '../../shared/errors.ts';
import { WINDOW_LOG } from '../../shared/firmware.ts';
import type { RuntimeFile } from '../install/runtime.ts';
import { writeWhole } from '../whole-file.ts';
import { packedBlob, type BlobEntry, type Bundle } from './bundle-file.ts';

/** zstd's level: the best whose memory a laptop does not notice; the ones above give 0.03 % (BENCHMARKS.md). */
const LEVEL = 19;

/** A content of known hash and size. `read` may be called more than once. */
export interface Content {
  sha256: string;
  bytes: number;
  filter: BlobFilter;
  read(): AsyncIterable<Uint8Array>;
}

/** A blob ready for `writeBundle`: its packed bytes, and its line for the manifest. */
export interface PackedBlob {
  sha256: string;
  bytes: Uint8Array;
  entry: BlobEntry;
}

export interface PackOptions {
  signal?: AbortSignal | undefined;
  /** Called with the bytes taken so far, of `content.bytes`. */
  onProgress?: ((taken: number) => void) | undefined;
}

/** Bytes in memory as content. */
export function contentOf(bytes: Uint8Array): Content {
  return {
    sha256: hashOf(bytes),
    bytes: bytes.length,
    filter: 'none',
    async *read() {
      yield bytes;
    },
  };
}

/** Packs in memory. The same content gives the same bytes with the same zstd, however it comes in chunks. */
export async function pack(content: Content, { signal, onProgress }: PackOptions = {}): Promise<PackedBlob> {
  const encoder = createZstdCompress({
    pledgedSrcSize: content.bytes,
    params: {
      [constants.ZSTD_c_compressionLevel]: LEVEL,
      [constants.ZSTD_c_windowLog]: WINDOW_LOG,
      [constants.ZSTD_c_checksumFlag]: 0,
    },
  });
  async function* counted(): AsyncGenerator<Uint8Array> {
    let taken = 0;
    for await (const chunk of filtered(content.read(), content.filter, 'pack')) {
      yield chunk;
      taken += chunk.length;
      onProgress?.(taken);
    }
  }
  try {
    const feeding = pipeline(Readable.from(counted()), encoder, { signal });
    const [bytes] = await Promise.all([buffer(encoder), feeding]);
    return inMemory(content, bytes.subarray(0, await frameLength(bytes)));
  } catch (thrown) {
    throw signal?.aborted ? new MusterError('CANCELLED', 'cancelled') : thrown;
  }
}

/** Node may write an empty frame behind the one that was asked for (nodejs/node#66078): where the first one ends. */
async function frameLength(packed: Uint8Array): Promise<number> {
  const decoder = createZstdDecompress();
  const feeding = pipeline(Readable.from([packed]), decoder);
  const emptied = (async () => {
    for await (const _ of decoder);
  })();
  await Promise.all([feeding, emptied]);
  return decoder.bytesWritten;
}

/**
 * Packs through a file in the cache, for what is large: a runtime takes a minute once, a moment afterwards.
 * Throws CANCELLED, EXPORT_PATH_UNWRITABLE.
 */
export async function packCached(
  content: Content,
  cacheDir: string,
  options: PackOptions = {},
): Promise<PackedBlob> {
  // the name holds the hash of the file: a damaged one betrays itself
  const prefix = `packed-${process.versions.zstd}-${LEVEL}-${WINDOW_LOG}-${content.filter}-${content.sha256}-`;
  await mkdir(cacheDir, { recursive: true });
  for (const name of await readdir(cacheDir)) {
    if (!name.startsWith(prefix) || !name.endsWith('.zst')) continue;
    const bytes = await readFile(join(cacheDir, name));
    if (name === `${prefix}${hashOf(bytes)}.zst`) return inMemory(content, bytes);
    await rm(join(cacheDir, name), { force: true });
  }
  const blob = await pack(content, options);
  await writeWhole(join(cacheDir, `${prefix}${hashOf(blob.bytes)}.zst`), blob.bytes);
  return blob;
}

/** The content of a blob, unpacked. Throws FIRMWARE_DAMAGED {path, reason} where it is not what the manifest says. */
export async function* unpackedBlob(bundle: Bundle, sha256: string): AsyncGenerator<Uint8Array> {
  const entry = bundle.blob(sha256);
  const { path } = bundle;
  const files = bundle.manifest.files.filter(({ blob }) => blob === sha256);
  const damaged = (why: string, cause?: unknown): MusterError => {
    const reason = `${files.map((file) => file.path).join(', ')}: ${why}`;
    return new MusterError('FIRMWARE_DAMAGED', `${path}: ${reason}`, { path, reason }, cause);
  };
  const decoder = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG } });
  const unpacking = pipeline(Readable.from(packedBlob(bundle, sha256)), decoder);
  unpacking.catch(() => {});
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of filtered(decoder, entry.filter, 'unpack')) {
      bytes += chunk.length;
      if (bytes > entry.bytes) throw damaged('it unpacks to more than it should');
      hash.update(chunk);
      yield chunk;
    }
    await unpacking;
  } catch (thrown) {
    if (thrown instanceof MusterError) throw thrown;
    throw damaged('its packed bytes cannot be read', thrown);
  }
  // the decoder leaves what stands behind its frame
  if (decoder.bytesWritten !== entry.packed) throw damaged('it is followed by bytes that belong to nothing');
  if (bytes !== entry.bytes || hash.digest('hex') !== sha256)
    throw damaged('it has not the hash it should have');
}

/** Unpacks every blob and compares hashes. Throws FIRMWARE_DAMAGED naming the first that is not right. */
export async function checkContent(bundle: Bundle): Promise<void> {
  for (const { sha256 } of bundle.manifest.blobs) {
    const blob = unpackedBlob(bundle, sha256);
    while (!(await blob.next()).done);
  }
}

function inMemory({ sha256, bytes: size, filter }: Content, bytes: Uint8Array): PackedBlob {
  return { sha256, bytes, entry: { sha256, bytes: size, packed: bytes.length, filter } };
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A pinned runtime as content: unpacked from the laptop's cache, rewritten for its processor. */
export function runtimeContent(runtime: RuntimeFile): Content {
  return {
    sha256: runtime.unpackedSha256,
    bytes: runtime.unpackedBytes,
    filter: runtime.arch === 'arm64' ? 'arm64' : 'none',
    read: () => createReadStream(runtime.path).pipe(createGunzip()),
  };
}
