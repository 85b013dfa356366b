/**
 * The entries of a ZIP file (APPNOTE 6.3) as fwup writes them, read through the central directory.
 * fwup on the device reads the same file from its beginning, without that directory. So that both see the same content,
 * entries must lie end to end from the first byte on, each with the header that the directory tells of.
 * Refuses: to extract, encryption, ZIP64, gaps. Called by fw-file.ts.
 */
import type { FileHandle } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';

/** Why a file is not taken, in words. fw-file.ts makes FIRMWARE_INVALID of it. */
export class ZipFault extends Error {}

export interface ZipEntry {
  name: string;
  deflated: boolean;
  crc: number;
  /** Bytes in the file, and unpacked. */
  packed: number;
  bytes: number;
  /** Where its data begin. */
  dataAt: number;
}

export interface ZipFile {
  entries: ZipEntry[];
  /** Where the central directory begins: a reader of the stream knows there that nothing more comes. */
  directoryAt: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const DESCRIPTOR = 0x08074b50;
const END_BYTES = 22;
const MAX_COMMENT = 0xffff;
const MAX_DIRECTORY = 4 * 1024 * 1024;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const ENCRYPTED = 0x1;
const SIZES_AFTER = 0x8;
const READ_BYTES = 256 * 1024;

/** Reads the list of entries. Throws ZipFault. */
export async function readZip(file: FileHandle, size: number): Promise<ZipFile> {
  const { count, directoryAt, directory } = await findDirectory(file, size);
  const listed: (ZipEntry & { at: number; flags: number })[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > directory.length || directory.readUInt32LE(at) !== CENTRAL)
      throw new ZipFault('the list of its content is damaged');
    const nameBytes = directory.readUInt16LE(at + 28);
    const next =
      at + CENTRAL_BYTES + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw new ZipFault('the list of its content is damaged');
    const name = directory.toString('utf8', at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes);
    const method = directory.readUInt16LE(at + 10);
    if (method !== 0 && method !== 8) throw new ZipFault(`${name} is packed in an unknown way (${method})`);
    listed.push({
      name,
      deflated: method === 8,
      flags: directory.readUInt16LE(at + 8),
      crc: directory.readUInt32LE(at + 16),
      packed: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      at: directory.readUInt32LE(at + 42),
      dataAt: 0,
    });
    at = next;
  }
  if (at !== directory.length) throw new ZipFault('the list of its content is damaged');
  if (new Set(listed.map(({ name }) => name)).size !== listed.length)
    throw new ZipFault('two parts have one name');

  const entries: ZipEntry[] = [];
  let expected = 0;
  for (const [i, { at: begin, flags, ...entry }] of listed.entries()) {
    if (begin !== expected) throw new ZipFault(`there is something hidden before ${entry.name}`);
    expected = listed[i + 1]?.at ?? directoryAt;
    const dataAt = await checkLocal(file, { ...entry, at: begin, flags }, expected);
    entries.push({ ...entry, dataAt });
  }
  if (expected !== directoryAt) throw new ZipFault('there is something hidden behind its parts');
  return { entries, directoryAt };
}

/** The unpacked bytes of an entry, piece by piece; at the end it is sure that they are whole. Throws ZipFault. */
export async function* entryBytes(file: FileHandle, entry: ZipEntry): AsyncGenerator<Buffer> {
  let bytes = 0;
  let crc = 0;
  for await (const piece of entry.deflated ? inflated(file, entry) : stored(file, entry)) {
    bytes += piece.length;
    if (bytes > entry.bytes) throw new ZipFault(`${entry.name} is longer than it says`);
    crc = crc32(piece, crc);
    yield piece;
  }
  if (bytes !== entry.bytes || crc !== entry.crc) throw new ZipFault(`${entry.name} is damaged`);
}

async function* stored(file: FileHandle, { name, dataAt, packed }: ZipEntry): AsyncGenerator<Buffer> {
  for (let done = 0; done < packed;) {
    const piece = await readAt(file, dataAt + done, Math.min(READ_BYTES, packed - done));
    if (piece === null) throw new ZipFault(`${name} is cut off`);
    done += piece.length;
    yield piece;
  }
}

async function* inflated(file: FileHandle, entry: ZipEntry): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw();
  const source = Readable.from(stored(file, entry));
  // a fault of the source ends the inflater, whose reader is told
  pipeline(source, inflate, () => {});
  try {
    for await (const piece of inflate) yield piece as Buffer;
    // a reader of the stream finds the next entry where the packed data end by themselves
    if (inflate.bytesWritten !== entry.packed) throw new ZipFault(`${entry.name} is damaged`);
  } catch (thrown) {
    throw thrown instanceof ZipFault ? thrown : new ZipFault(`${entry.name} is damaged`, { cause: thrown });
  } finally {
    inflate.destroy();
    source.destroy();
  }
}

async function findDirectory(file: FileHandle, size: number) {
  const length = Math.min(size, END_BYTES + MAX_COMMENT);
  const tail = (await readAt(file, size - length, length)) ?? Buffer.alloc(0);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END || at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length)
      continue;
    const count = tail.readUInt16LE(at + 10);
    const directoryBytes = tail.readUInt32LE(at + 12);
    const directoryAt = tail.readUInt32LE(at + 16);
    if (count === 0xffff || directoryAt === 0xffffffff) throw new ZipFault('it is larger than 4 GB');
    if (directoryAt + directoryBytes !== size - tail.length + at || directoryBytes > MAX_DIRECTORY)
      throw new ZipFault('the list of its content is damaged');
    const directory = directoryBytes > 0 ? await readAt(file, directoryAt, directoryBytes) : Buffer.alloc(0);
    if (directory === null) throw new ZipFault('the list of its content is damaged');
    return { count, directoryAt, directory };
  }
  const head = await readAt(file, 0, 4);
  throw new ZipFault(
    head?.readUInt32LE(0) === LOCAL ? 'it is cut off: its end is missing' : 'it is not a .fw file',
  );
}

/** Checks that a stream's reader sees the entry the directory lists. Returns where its data begin. */
async function checkLocal(
  file: FileHandle,
  entry: ZipEntry & { at: number; flags: number },
  next: number,
): Promise<number> {
  const { name, at, flags, packed, bytes, crc } = entry;
  if (flags & ENCRYPTED) throw new ZipFault(`${name} is encrypted`);
  const fault = new ZipFault(`${name} is not what the list of content says`);
  const header = await readAt(file, at, LOCAL_BYTES);
  if (header === null || header.readUInt32LE(0) !== LOCAL) throw fault;
  const nameBytes = header.readUInt16LE(26);
  const localName = await readAt(file, at + LOCAL_BYTES, nameBytes);
  if (localName?.toString('utf8') !== name || (header.readUInt16LE(8) === 8) !== entry.deflated) throw fault;
  const dataAt = at + LOCAL_BYTES + nameBytes + header.readUInt16LE(28);
  const after = next - dataAt - packed;
  const same = (buffer: Buffer, from: number, wide: boolean) =>
    buffer.readUInt32LE(from) === crc &&
    (wide ? Number(buffer.readBigUInt64LE(from + 4)) : buffer.readUInt32LE(from + 4)) === packed &&
    (wide ? Number(buffer.readBigUInt64LE(from + 12)) : buffer.readUInt32LE(from + 8)) === bytes;
  if (!(header.readUInt16LE(6) & SIZES_AFTER)) {
    if (after !== 0 || !same(header, 14, false)) throw fault;
    return dataAt;
  }
  // Appnote 4.3.9: 32-bit sizes, 64-bit ones in a ZIP64 entry, with or without a signature.
  const descriptor = [12, 16, 20, 24].includes(after) ? await readAt(file, dataAt + packed, after) : null;
  if (descriptor === null) throw fault;
  const signed = after === 16 || after === 24;
  if (signed && descriptor.readUInt32LE(0) !== DESCRIPTOR) throw fault;
  if (!same(descriptor, signed ? 4 : 0, after >= 20)) throw fault;
  return dataAt;
}

/** Exactly `length` bytes, null when the file ends before. */
async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer | null> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return bytesRead === length ? buffer : null;
}
