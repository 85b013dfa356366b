/**
 * Packets of SFTP version 3 (draft-ietf-secsh-filexfer-02) without their length prefix: requests in, replies out.
 * Pure: knows bytes and no files. The library's own server part cannot name the extensions it has.
 */
import { MusterError } from '../shared/errors.ts';

/** Status codes, section 7. */
export const STATUS = {
  OK: 0,
  EOF: 1,
  NO_SUCH_FILE: 2,
  PERMISSION_DENIED: 3,
  FAILURE: 4,
  BAD_MESSAGE: 5,
  OP_UNSUPPORTED: 8,
} as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

/** Open flags, section 6.3. */
export const OPEN = { READ: 1, WRITE: 2, APPEND: 4, CREATE: 8, TRUNCATE: 16, EXCLUSIVE: 32 } as const;

/** ATTRS of section 5; what is absent was not sent. Times are seconds since 1970, `permissions` is a full st_mode. */
export interface Attributes {
  size?: number;
  uid?: number;
  gid?: number;
  permissions?: number;
  atime?: number;
  mtime?: number;
}

/** A request of section 6. `handle` is what `handleReply` gave out. */
export type SftpRequest =
  | { type: 'init'; version: number }
  | { type: 'open'; id: number; path: string; flags: number; attributes: Attributes }
  | { type: 'read'; id: number; handle: number; offset: number; length: number }
  | { type: 'write'; id: number; handle: number; offset: number; data: Uint8Array }
  | { type: 'close' | 'fstat' | 'readdir' | 'fsync'; id: number; handle: number }
  | { type: 'fsetstat'; id: number; handle: number; attributes: Attributes }
  | { type: 'setstat' | 'mkdir'; id: number; path: string; attributes: Attributes }
  | { type: PathRequest; id: number; path: string }
  | { type: 'rename' | 'posix-rename'; id: number; from: string; to: string }
  | { type: 'symlink'; id: number; first: string; second: string }
  | { type: 'unknown'; id: number; name: string };

type PathRequest = 'lstat' | 'stat' | 'opendir' | 'remove' | 'rmdir' | 'realpath' | 'readlink' | 'statvfs';

const PATH_REQUESTS: Record<number, PathRequest> = {
  7: 'lstat',
  11: 'opendir',
  13: 'remove',
  15: 'rmdir',
  16: 'realpath',
  17: 'stat',
  19: 'readlink',
};

/** Reads one request. Throws BAD_FRAME when the packet ends before its fields do. */
export function decodeRequest(packet: Uint8Array): SftpRequest {
  const fields = new Fields(packet);
  const type = fields.u8();
  const id = fields.u32();
  const pathRequest = PATH_REQUESTS[type];
  if (pathRequest) return { type: pathRequest, id, path: fields.text() };
  switch (type) {
    case 1:
      return { type: 'init', version: id };
    case 3:
      return { type: 'open', id, path: fields.text(), flags: fields.u32(), attributes: fields.attributes() };
    case 4:
      return { type: 'close', id, handle: fields.handle() };
    case 5:
      return { type: 'read', id, handle: fields.handle(), offset: fields.u64(), length: fields.u32() };
    case 6:
      return { type: 'write', id, handle: fields.handle(), offset: fields.u64(), data: fields.bytes() };
    case 8:
      return { type: 'fstat', id, handle: fields.handle() };
    case 9:
      return { type: 'setstat', id, path: fields.text(), attributes: fields.attributes() };
    case 10:
      return { type: 'fsetstat', id, handle: fields.handle(), attributes: fields.attributes() };
    case 12:
      return { type: 'readdir', id, handle: fields.handle() };
    case 14:
      return { type: 'mkdir', id, path: fields.text(), attributes: fields.attributes() };
    case 18:
      return { type: 'rename', id, from: fields.text(), to: fields.text() };
    case 20:
      return { type: 'symlink', id, first: fields.text(), second: fields.text() };
    case 200:
      return extended(id, fields);
    default:
      return { type: 'unknown', id, name: `type ${type}` };
  }
}

/** OpenSSH's extensions (its PROTOCOL file, section 4). */
function extended(id: number, fields: Fields): SftpRequest {
  const name = fields.text();
  switch (name) {
    case 'posix-rename@openssh.com':
      return { type: 'posix-rename', id, from: fields.text(), to: fields.text() };
    case 'fsync@openssh.com':
      return { type: 'fsync', id, handle: fields.handle() };
    case 'statvfs@openssh.com':
      return { type: 'statvfs', id, path: fields.text() };
    default:
      return { type: 'unknown', id, name: name.slice(0, 80) };
  }
}

class Fields {
  #view: DataView;
  #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  #skip(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw new MusterError('BAD_FRAME', 'an SFTP packet ends too early');
    this.#at += length;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#skip(4));
  }

  /** Exact up to 2^53, beyond which no file here goes. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#skip(8)));
  }

  bytes(): Uint8Array {
    const length = this.u32();
    const at = this.#skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** A handle is ours: four bytes. Any other is no handle (0). */
  handle(): number {
    const bytes = this.bytes();
    return bytes.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : 0;
  }

  attributes(): Attributes {
    const flags = this.u32();
    const out: Attributes = {};
    if (flags & 1) out.size = this.u64();
    if (flags & 2) {
      out.uid = this.u32();
      out.gid = this.u32();
    }
    if (flags & 4) out.permissions = this.u32();
    if (flags & 8) {
      out.atime = this.u32();
      out.mtime = this.u32();
    }
    return out;
  }
}

const u32 = (n: number): Uint8Array => {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, n);
  return out;
};
const u64 = (n: number | bigint): Uint8Array => {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(n));
  return out;
};
const bytes = (data: Uint8Array): Uint8Array => Buffer.concat([u32(data.length), data]);
const text = (value: string): Uint8Array => bytes(new TextEncoder().encode(value));
const reply = (type: number, ...parts: Uint8Array[]): Uint8Array =>
  Buffer.concat([Uint8Array.of(type), ...parts]);

function attributesField(attributes: Attributes): Uint8Array {
  const { size, uid, gid, permissions, atime, mtime } = attributes;
  const groups: [flag: number, ...fields: Uint8Array[]][] = [];
  if (size !== undefined) groups.push([1, u64(size)]);
  if (uid !== undefined && gid !== undefined) groups.push([2, u32(uid), u32(gid)]);
  if (permissions !== undefined) groups.push([4, u32(permissions)]);
  if (atime !== undefined && mtime !== undefined) groups.push([8, u32(atime), u32(mtime)]);
  const flags = groups.reduce((sum, [flag]) => sum | flag, 0);
  return Buffer.concat([u32(flags), ...groups.flatMap(([, ...fields]) => fields)]);
}

/** VERSION with the extensions this server has, and their versions. */
export function versionReply(extensions: Record<string, string>): Uint8Array {
  return reply(
    2,
    u32(3),
    ...Object.entries(extensions).flatMap(([name, value]) => [text(name), text(value)]),
  );
}

export function statusReply(id: number, status: Status, message: string): Uint8Array {
  return reply(101, u32(id), u32(status), text(message), text('en'));
}

export function handleReply(id: number, handle: number): Uint8Array {
  return reply(102, u32(id), bytes(u32(handle)));
}

export function dataReply(id: number, data: Uint8Array): Uint8Array {
  return reply(103, u32(id), bytes(data));
}

/** A name in a listing; `long` is the line `ls -l` would print. */
export interface NameEntry {
  name: string;
  long: string;
  attributes: Attributes;
}

export function nameReply(id: number, entries: NameEntry[]): Uint8Array {
  const parts = entries.flatMap((entry) => [
    text(entry.name),
    text(entry.long),
    attributesField(entry.attributes),
  ]);
  return reply(104, u32(id), u32(entries.length), ...parts);
}

export function attributesReply(id: number, attributes: Attributes): Uint8Array {
  return reply(105, u32(id), attributesField(attributes));
}

/** EXTENDED_REPLY made of u64 fields, as statvfs@openssh.com answers. */
export function numbersReply(id: number, numbers: (number | bigint)[]): Uint8Array {
  return reply(201, u32(id), ...numbers.map(u64));
}
