/**
 * A Nerves firmware file (`.fw`), read without the fwup program and without unpacking it anywhere.
 * Owns: what makes such a file whole. Refuses, with FIRMWARE_INVALID {path, reason}, every file that fwup on the device
 * would refuse late, wait for ever for (a cut one), or read differently from us. The device checks all of it again.
 * Called by `muster firmware inspect`, campaigns and nerves-target.ts.
 */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { FirmwareFile } from '../../shared/campaign.ts';
import { MusterError } from '../../shared/errors.ts';
import { Blake2b } from './blake2b.ts';
import { readMetadata, type Metadata, type Resource } from './meta-conf.ts';
import { judgeSignature, type NervesKey } from './nerves-keys.ts';
import { entryBytes, readZip, ZipFault, type ZipEntry } from './zip-file.ts';

export interface FwFile extends Metadata {
  path: string;
  bytes: number;
  metaConf: Buffer;
  /** Ed25519 over `metaConf`, 64 bytes; null on unsigned firmware. */
  signature: Buffer | null;
  /**
   * Where the stream of the file becomes complete for fwup, which puts the firmware in force then. Everything before it
   * may be sent without a consequence.
   */
  commitAt: number;
}

const CONF = 'meta.conf';
const SIGNATURE = 'meta.conf.ed25519';
const SIGNATURE_BYTES = 64;
/** fwup's own bounds. */
const MIN_CONF = 10;
const MAX_CONF = 50_000;
const MAX_ENTRIES = 10_000;
/** RFC 3284 section 4.1: how a part begins that is only the difference to what the device has. */
const VCDIFF = Buffer.of(0xd6, 0xc3, 0xc4);

/** Reads all of a file and checks every hash. Throws FIRMWARE_INVALID {path, reason}. */
export function readFw(path: string): Promise<FwFile> {
  return withFile(path, async (file, size) => {
    const { fw, parts } = await readParts(file, size, path);
    for (const { entry, resource } of parts) await checkPart(file, entry, resource);
    return fw;
  });
}

/** Reads what a file says of itself, checks that it is whole, and leaves the hashes of its parts to the device. */
export function openFw(path: string): Promise<FwFile> {
  return withFile(path, async (file, size) => (await readParts(file, size, path)).fw);
}

/** As the engine shows it. */
export function firmwareFileOf(fw: FwFile, keys: readonly NervesKey[]): FirmwareFile {
  const { path, bytes, meta, uuid } = fw;
  return {
    path,
    kind: 'nerves',
    product: meta['product']!,
    version: meta['version']!,
    architectures: [meta['architecture']!],
    platform: meta['platform']!,
    identity: uuid,
    runtime: null,
    bytes,
    signatures: judgeSignature(fw, keys),
  };
}

async function withFile<T>(path: string, work: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === 'ENOENT';
    throw invalid(path, missing ? 'there is no such file' : 'it cannot be read', thrown);
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw invalid(path, 'it is not a file');
    return await work(file, stat.size);
  } catch (thrown) {
    if (thrown instanceof MusterError) throw thrown;
    throw invalid(path, thrown instanceof ZipFault ? thrown.message : 'it cannot be read', thrown);
  } finally {
    await file.close();
  }
}

async function readParts(file: FileHandle, size: number, path: string) {
  const { entries, directoryAt } = await readZip(file, size);
  if (entries.length > MAX_ENTRIES) throw new ZipFault('it has too many parts');
  const files = entries.filter(({ name, bytes }) => !(name.endsWith('/') && bytes === 0));
  // fwup takes the first two entries for these and looks nowhere else
  const signed = files[0]?.name === SIGNATURE ? files[0] : null;
  const conf = files[signed ? 1 : 0];
  if (conf?.name !== CONF) throw new ZipFault('it does not begin with a description (meta.conf)');
  if (conf.bytes < MIN_CONF || conf.bytes >= MAX_CONF)
    throw new ZipFault('its description (meta.conf) has an absurd size');
  if (signed && signed.bytes !== SIGNATURE_BYTES) throw new ZipFault('its signature has a wrong length');
  const metaConf = await whole(file, conf);
  const metadata = readMetadata(metaConf);
  if ('fault' in metadata) throw new ZipFault(metadata.fault);
  const signature = signed ? await whole(file, signed) : null;

  const data = files.slice(signed ? 2 : 1);
  const byPath = new Map(metadata.resources.map((resource) => [resource.path, resource]));
  const parts = data.map((entry) => {
    const resource = byPath.get(entry.name);
    if (!resource) throw new ZipFault(`${entry.name} is not in its description`);
    return { entry, resource };
  });
  const missing = metadata.resources.find((resource) => !data.some(({ name }) => name === resource.path));
  if (missing) throw new ZipFault(`${missing.path} is missing`);
  const fw: FwFile = { ...metadata, path, bytes: size, metaConf, signature, commitAt: directoryAt };
  return { fw, parts };
}

async function whole(file: FileHandle, entry: ZipEntry): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of entryBytes(file, entry)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function checkPart(file: FileHandle, entry: ZipEntry, { path, bytes, hash }: Resource): Promise<void> {
  const hasher = hash.algorithm === 'sha256' ? createHash('sha256') : new Blake2b(32);
  let head = Buffer.alloc(0);
  for await (const piece of entryBytes(file, entry)) {
    if (head.length < VCDIFF.length) head = Buffer.concat([head, piece.subarray(0, VCDIFF.length)]);
    hasher.update(piece);
  }
  // The hash is that of the result, which only the device can make of a difference.
  if (head.subarray(0, VCDIFF.length).equals(VCDIFF)) return;
  if (entry.bytes !== bytes || Buffer.from(hasher.digest()).toString('hex') !== hash.hex)
    throw new ZipFault(`${path} is damaged: its hash is not the one in the description`);
}

function invalid(path: string, reason: string, cause?: unknown): MusterError {
  return new MusterError('FIRMWARE_INVALID', `${path}: ${reason}`, { path, reason }, cause);
}
