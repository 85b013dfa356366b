/**
 * A bundle as a file on the laptop: written whole or not at all, read without believing it.
 * Owns: the layout that src/shared/firmware.ts describes, and every check that needs no unpacking. Refuses: to judge
 * signatures (keyring.ts) and content (bundle-content.ts). Called by build, inspect, sign, verify and the push.
 */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type * as z from 'zod';
import { MusterError } from '../../shared/errors.ts';
import {
  BUNDLE_MAGIC,
  MAX_MANIFEST_BYTES,
  MAX_SIGNATURES_BYTES,
  manifestSchema,
  signaturesSchema,
  type Manifest,
  type Signature,
} from '../../shared/firmware.ts';
import { WholeFile } from '../whole-file.ts';

/** Bytes copied at once. */
const CHUNK = 256 * 1024;

/** A blob's line in the manifest: hash and size of the content, bytes it takes in the file. */
export type BlobEntry = Manifest['blobs'][number];

/** An open bundle. Everything but the blobs' bytes is checked and in memory. */
export interface Bundle {
  path: string;
  /** Size of the file. */
  bytes: number;
  manifest: Manifest;
  /** As they stand in the file: what is signed and what a device is offered. */
  manifestBytes: Uint8Array<ArrayBuffer>;
  /** Sha256 of `manifestBytes`, hex: the name of this firmware everywhere. */
  manifestHash: string;
  signatures: Signature[];
  /** The blob of that hash. Throws FIRMWARE_INVALID when the manifest does not list it. */
  blob(sha256: string): BlobEntry;
  /**
   * Packed bytes of a blob from `offset` on, `length` of them or as many as are left, at most.
   * Throws FIRMWARE_INVALID when the file was cut or taken away meanwhile.
   */
  readPacked(sha256: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** Opens a bundle. Throws FIRMWARE_INVALID {path, reason}. Close it. */
export async function openBundle(path: string): Promise<Bundle> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
  try {
    return await read(path, file);
  } catch (thrown) {
    await file.close();
    throw thrown instanceof MusterError ? thrown : unreadable(path, thrown);
  }
}

async function read(path: string, file: FileHandle): Promise<Bundle> {
  const { size } = await file.stat();
  let at = 0;
  const take = async (length: number, what: string): Promise<Buffer<ArrayBuffer>> => {
    if (length > size - at) throw invalid(path, `it ends within ${what}`);
    const bytes = await readExactly(path, file, at, length);
    at += length;
    return bytes;
  };
  const section = async (what: string, limit: number): Promise<Buffer<ArrayBuffer>> => {
    const length = (await take(4, what)).readUInt32LE();
    if (length > limit) throw invalid(path, `${what} would be ${length} bytes, ${limit} at most are allowed`);
    return take(length, what);
  };
  const magic = await take(Math.min(BUNDLE_MAGIC.length, size), 'the first bytes');
  if (magic.toString('latin1') !== BUNDLE_MAGIC) throw invalid(path, 'it does not begin as a bundle does');
  const manifestBytes = await section('the manifest', MAX_MANIFEST_BYTES);
  const manifest = parse(path, 'the manifest', manifestBytes, manifestSchema);
  const signatureBytes = await section('the signatures', MAX_SIGNATURES_BYTES);
  const signatures = parse(path, 'the signatures', signatureBytes, signaturesSchema);
  const places = new Map<string, { entry: BlobEntry; start: number }>();
  let end = at;
  for (const entry of manifest.blobs) {
    places.set(entry.sha256, { entry, start: end });
    end += entry.packed;
  }
  if (end > size) throw invalid(path, `it is cut: ${size} bytes instead of ${end}`);
  if (end < size) throw invalid(path, `${size - end} bytes too many stand at its end`);

  const placeOf = (sha256: string) => {
    const place = places.get(sha256);
    if (!place) throw invalid(path, `it holds no blob ${sha256}`);
    return place;
  };
  return {
    path,
    bytes: size,
    manifest,
    manifestBytes,
    manifestHash: createHash('sha256').update(manifestBytes).digest('hex'),
    signatures,
    blob: (sha256) => placeOf(sha256).entry,
    async readPacked(sha256, offset, length) {
      const { entry, start } = placeOf(sha256);
      const wanted = Math.max(0, Math.min(length, entry.packed - offset));
      return readExactly(path, file, start + offset, wanted);
    },
    close: () => file.close(),
  };
}

/** A blob to be written: its packed bytes, in memory or as they come. */
export interface BlobSource {
  sha256: string;
  bytes: Uint8Array | AsyncIterable<Uint8Array>;
}

/** The packed bytes of a blob, as `writeBundle` wants them. */
export async function* packedBlob(bundle: Bundle, sha256: string): AsyncGenerator<Uint8Array> {
  const { packed } = bundle.blob(sha256);
  for (let at = 0; at < packed; at += CHUNK) yield await bundle.readPacked(sha256, at, CHUNK);
}

/**
 * Writes a bundle to `path`, which appears whole or not at all; `blobs` in the order of the manifest.
 * Throws EXPORT_PATH_UNWRITABLE {path, reason}; FIRMWARE_INVALID for parts that would not read back.
 */
export async function writeBundle(
  path: string,
  parts: { manifestBytes: Uint8Array; signatures: readonly Signature[]; blobs: readonly BlobSource[] },
): Promise<void> {
  const { manifestBytes, blobs } = parts;
  const manifest = parse(path, 'the manifest', manifestBytes, manifestSchema);
  const signatures = Buffer.from(JSON.stringify(parts.signatures));
  parse(path, 'the signatures', signatures, signaturesSchema);
  if (manifestBytes.length > MAX_MANIFEST_BYTES) throw invalid(path, 'its manifest would be too large');
  const file = await WholeFile.begin(path);
  try {
    await file.write(Buffer.from(BUNDLE_MAGIC, 'latin1'));
    for (const section of [manifestBytes, signatures]) {
      await file.write(u32(section.length));
      await file.write(section);
    }
    for (const [i, entry] of manifest.blobs.entries()) {
      const source = blobs[i];
      if (source?.sha256 !== entry.sha256) throw invalid(path, 'its blobs are not those of its manifest');
      const before = file.bytes;
      if (source.bytes instanceof Uint8Array) await file.write(source.bytes);
      else for await (const chunk of source.bytes) await file.write(chunk);
      if (file.bytes - before !== entry.packed) throw invalid(path, `blob ${entry.sha256} has another size`);
    }
    await file.finish();
  } catch (thrown) {
    await file.discard();
    throw thrown;
  }
}

/** FIRMWARE_INVALID for a file: `reason` goes on after "is not usable firmware: ". */
export function invalid(path: string, reason: string, cause?: unknown): MusterError {
  return new MusterError('FIRMWARE_INVALID', `${path}: ${reason}`, { path, reason }, cause);
}

function unreadable(path: string, thrown: unknown): MusterError {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (code === 'ENOENT') return invalid(path, 'there is no such file', thrown);
  if (code === 'EISDIR') return invalid(path, 'it is a folder', thrown);
  return invalid(path, `it cannot be read: ${message}`, thrown);
}

async function readExactly(
  path: string,
  file: FileHandle,
  start: number,
  length: number,
): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) throw invalid(path, 'it was cut while it was read');
    done += bytesRead;
  }
  return bytes;
}

function parse<T>(path: string, what: string, bytes: Uint8Array, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (thrown) {
    throw invalid(path, `${what} cannot be read as JSON`, thrown);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  throw invalid(path, `${what}${place}: ${issue?.message ?? 'not as it should be'}`, result.error);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
