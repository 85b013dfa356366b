/**
 * The content of a bundle: packing it the same way every time, unpacking it again, proving it by its hashes.
 * Owns: zstd's parameters, and the cache of packed runtimes (a minute of work each). Refuses: layout (bundle-file.ts).
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { filtered, type BlobFilter } from '../../shared/branch-filter.ts';
import { MusterError } from '../../shared/errors.ts';
import { WINDOW_LOG } from '../../shared/firmware.ts';
import type { RuntimeFile } from '../install/runtime.ts';
import { hashFile } from '../ssh/upload-source.ts';
import { WholeFile } from '../whole-file.ts';
import { packedBlob, type BlobEntry, type BlobSource, type Bundle } from './bundle-file.ts';

/** zstd's level: the best whose memory a laptop does not notice; the ones above give 0.03 % (BENCHMARKS.md). */
const LEVEL = 19;

/** A content of known hash and size. `read` may be called more than once. */
export interface Content {
  sha256: string;
  bytes: number;
  filter: BlobFilter;
  read(): AsyncIterable<Uint8Array>;
}

/** A blob ready for `writeBundle`, with its line for the manifest. */
export interface PackedBlob extends BlobSource {
  entry: BlobEntry;
}

/** Bytes in memory as content. */
export function contentOf(bytes: Uint8Array): Content {
  return {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    filter: 'none',
    async *read() {
      yield bytes;
    },
  };
}

/** Packs in memory. The same content gives the same bytes with the same zstd, however it comes in chunks. */
export async function pack(content: Content): Promise<PackedBlob> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of packing(content)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return packed(content, bytes.length, async function* () {
    yield bytes;
  });
}

export interface CachedPackOptions {
  cacheDir: string;
  signal?: AbortSignal | undefined;
  /** Called with the bytes taken so far, of `content.bytes`; not at all when the cache has it. */
  onProgress?: ((taken: number) => void) | undefined;
}

/**
 * Packs through a file in the cache, for what is large: a runtime takes a minute once, a moment afterwards.
 * Throws CANCELLED, EXPORT_PATH_UNWRITABLE.
 */
export async function packCached(content: Content, options: CachedPackOptions): Promise<PackedBlob> {
  const { cacheDir, signal, onProgress } = options;
  // the name holds the hash of the file: a damaged one betrays itself
  const prefix = `packed-${process.versions.zstd}-${LEVEL}-${WINDOW_LOG}-${content.filter}-${content.sha256}-`;
  await mkdir(cacheDir, { recursive: true });
  for (const name of await readdir(cacheDir)) {
    if (!name.startsWith(prefix) || !name.endsWith('.zst')) continue;
    const path = join(cacheDir, name);
    if (`${prefix}${await hashFile(path)}.zst` === name) return fromFile(content, path);
    await rm(path, { force: true });
  }
  const making = join(cacheDir, `${prefix}${randomUUID()}.making`);
  const hash = createHash('sha256');
  const file = await WholeFile.begin(making);
  try {
    for await (const chunk of packing(content, signal, onProgress)) {
      hash.update(chunk);
      await file.write(chunk);
    }
    await file.finish();
  } catch (thrown) {
    await file.discard();
    throw signal?.aborted ? new MusterError('CANCELLED', 'cancelled') : thrown;
  }
  const path = join(cacheDir, `${prefix}${hash.digest('hex')}.zst`);
  await rename(making, path);
  return fromFile(content, path);
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

async function* packing(
  content: Content,
  signal?: AbortSignal,
  onProgress?: (taken: number) => void,
): AsyncGenerator<Uint8Array> {
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
  const feeding = pipeline(Readable.from(counted()), encoder, { signal });
  feeding.catch(() => {});
  yield* encoder;
  await feeding;
}

async function fromFile(content: Content, path: string): Promise<PackedBlob> {
  return packed(content, (await stat(path)).size, () => createReadStream(path));
}

function packed(
  { sha256, bytes, filter }: Content,
  length: number,
  read: () => AsyncIterable<Uint8Array>,
): PackedBlob {
  return { sha256, packed: read, entry: { sha256, bytes, packed: length, filter } };
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
