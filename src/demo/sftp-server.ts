/**
 * An SFTP server over any byte channel: what `sftp-server` is on a real board.
 * Owns: the open handles of one session. Reads what its process may read, writes inside the device's folder only.
 * Refuses: to work on two requests of a session at once; the order asked is the order done.
 * Called by ssh-server.ts.
 */
import { constants } from 'node:fs';
import {
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rmdir,
  stat,
  symlink,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import { frame, FrameParser } from '../shared/pipe.ts';
import { OutsideFolderError, type Confinement } from './confinement.ts';
import { attributesOf, change, longName, mode, pathChanges, space } from './file-attributes.ts';
import {
  attributesReply,
  dataReply,
  decodeRequest,
  handleReply,
  nameReply,
  numbersReply,
  OPEN,
  STATUS,
  statusReply,
  versionReply,
  type Attributes,
  type NameEntry,
  type SftpRequest,
  type Status,
} from './sftp-codec.ts';

/** Most bytes of one read, and names of one listing reply. */
const MAX_READ = 255 * 1024;
const NAMES_A_REPLY = 100;
const MAX_HANDLES = 256;
/** Requests taken in before the sender has to wait. */
const QUEUE = 64;

/** What a session needs to know of its device. */
export interface SftpOptions {
  /** Where relative paths start. */
  home: string;
  confinement: Confinement;
  /** OpenSSH's client names a link's target first, against the draft; others name the link first. */
  targetFirst: boolean;
}

type Handle =
  | { kind: 'file'; file: FileHandle; writable: boolean; append: boolean }
  | { kind: 'folder'; path: string; names: string[] };

class StatusError extends Error {
  readonly status: Status;
  constructor(status: Status, message: string) {
    super(message);
    this.status = status;
  }
}

/** Serves `channel` until it ends. Resolves when its handles are closed; never rejects. */
export async function serveSftp(channel: Duplex, options: SftpOptions): Promise<void> {
  const session = new SftpSession(options);
  const parser = new FrameParser();
  const queue: Uint8Array[] = [];
  let ended = false;
  let wake = (): void => {};

  channel.on('data', (chunk: Uint8Array) => {
    try {
      queue.push(...parser.push(chunk));
    } catch {
      ended = true;
    }
    if (queue.length > QUEUE) channel.pause();
    wake();
  });
  const finish = (): void => {
    ended = true;
    wake();
  };
  channel.on('end', finish);
  const closed = new Promise<void>((go) => {
    for (const event of ['close', 'error']) channel.on(event, () => (finish(), go()));
  });

  for (;;) {
    const packet = queue.shift();
    if (packet) {
      if (queue.length === 0) channel.resume();
      const answer = await session.answer(packet);
      if (!answer) break;
      if (!channel.write(frame(answer)))
        await Promise.race([closed, new Promise<void>((go) => channel.once('drain', go))]);
    } else if (ended) break;
    else
      await new Promise<void>((go) => {
        wake = go;
      });
  }
  await session.close();
}

class SftpSession {
  #options: SftpOptions;
  #handles = new Map<number, Handle>();
  #lastHandle = 0;

  constructor(options: SftpOptions) {
    this.#options = options;
  }

  /** The reply to one packet; null when the packet is no SFTP and the session has to end. */
  async answer(packet: Uint8Array): Promise<Uint8Array | null> {
    let request: SftpRequest;
    try {
      request = decodeRequest(packet);
    } catch {
      return null;
    }
    if (request.type === 'init')
      return versionReply({
        'posix-rename@openssh.com': '1',
        'statvfs@openssh.com': '2',
        'fsync@openssh.com': '1',
      });
    try {
      return (await this.#do(request)) ?? statusReply(request.id, STATUS.OK, 'Success');
    } catch (error) {
      return statusReply(request.id, statusOf(error), (error as Error).message);
    }
  }

  async close(): Promise<void> {
    const open = [...this.#handles.keys()];
    await Promise.allSettled(open.map((number) => this.#close(number)));
  }

  /** Does it; answers with the reply, or nothing for a plain success. */
  async #do(request: Exclude<SftpRequest, { type: 'init' }>): Promise<Uint8Array | void> {
    const { id } = request;
    const { confinement, home, targetFirst } = this.#options;
    switch (request.type) {
      case 'open':
        return this.#keep(id, await this.#open(request.path, request.flags, request.attributes));
      case 'close':
        return this.#close(request.handle);
      case 'read':
        return dataReply(id, await this.#read(request.handle, request.offset, request.length));
      case 'write':
        return this.#write(request.handle, request.offset, request.data);
      case 'fsync':
        return this.#file(request.handle).file.sync();
      case 'fstat':
        return attributesReply(id, attributesOf(await this.#file(request.handle).file.stat()));
      case 'stat':
        return attributesReply(id, attributesOf(await stat(resolve(home, request.path))));
      case 'lstat':
        return attributesReply(id, attributesOf(await lstat(resolve(home, request.path))));
      case 'setstat':
        return change(pathChanges(await confinement.file(request.path)), request.attributes);
      case 'fsetstat':
        return change(this.#writable(request.handle).file, request.attributes);
      case 'opendir': {
        const path = resolve(home, request.path);
        return this.#keep(id, { kind: 'folder', path, names: ['.', '..', ...(await readdir(path))] });
      }
      case 'readdir':
        return nameReply(id, await this.#list(request.handle));
      case 'mkdir':
        await mkdir(await confinement.entry(request.path), mode(request.attributes, 0o777));
        return;
      case 'rmdir':
        return rmdir(await confinement.entry(request.path));
      case 'remove':
        return unlink(await confinement.entry(request.path));
      case 'rename': {
        const [from, to] = [await confinement.entry(request.from), await confinement.entry(request.to)];
        if (await lstat(to).catch(() => null)) throw new StatusError(STATUS.FAILURE, `${to} exists`);
        return rename(from, to);
      }
      case 'posix-rename':
        return rename(await confinement.entry(request.from), await confinement.entry(request.to));
      case 'realpath': {
        const path = resolve(home, request.path);
        return named(id, await realpath(path).catch(() => path));
      }
      case 'readlink':
        return named(id, await readlink(resolve(home, request.path)));
      case 'symlink': {
        const [target, link] = targetFirst
          ? [request.first, request.second]
          : [request.second, request.first];
        return symlink(target, await confinement.entry(link));
      }
      case 'statvfs':
        return numbersReply(id, await space(resolve(home, request.path)));
      case 'unknown':
        throw new StatusError(STATUS.OP_UNSUPPORTED, `${request.name} is not supported`);
    }
  }

  async #open(path: string, flags: number, attributes: Attributes): Promise<Handle> {
    const append = (flags & OPEN.APPEND) !== 0;
    const writable = append || (flags & (OPEN.WRITE | OPEN.CREATE | OPEN.TRUNCATE)) !== 0;
    if (!writable) {
      const file = await open(resolve(this.#options.home, path), constants.O_RDONLY);
      return { kind: 'file', file, writable, append };
    }
    const real = await this.#options.confinement.file(path);
    const access = flags & OPEN.READ ? constants.O_RDWR : constants.O_WRONLY;
    const file = await open(
      real,
      access |
        constants.O_NOFOLLOW |
        (append ? constants.O_APPEND : 0) |
        (flags & OPEN.CREATE ? constants.O_CREAT : 0) |
        (flags & OPEN.TRUNCATE ? constants.O_TRUNC : 0) |
        (flags & OPEN.EXCLUSIVE ? constants.O_EXCL : 0),
      mode(attributes, 0o666),
    );
    return { kind: 'file', file, writable, append };
  }

  async #keep(id: number, handle: Handle): Promise<Uint8Array> {
    if (this.#handles.size >= MAX_HANDLES) {
      if (handle.kind === 'file') await handle.file.close();
      throw new StatusError(STATUS.FAILURE, `${MAX_HANDLES} files are open`);
    }
    this.#handles.set(++this.#lastHandle, handle);
    return handleReply(id, this.#lastHandle);
  }

  async #close(number: number): Promise<void> {
    const handle = this.#handles.get(number);
    if (!handle) throw new StatusError(STATUS.FAILURE, 'no such handle');
    this.#handles.delete(number);
    if (handle.kind === 'file') await handle.file.close();
  }

  #file(number: number): Extract<Handle, { kind: 'file' }> {
    const handle = this.#handles.get(number);
    if (handle?.kind !== 'file') throw new StatusError(STATUS.FAILURE, 'no such handle');
    return handle;
  }

  #writable(number: number): Extract<Handle, { kind: 'file' }> {
    const handle = this.#file(number);
    if (!handle.writable) throw new StatusError(STATUS.PERMISSION_DENIED, 'the file is open for reading');
    return handle;
  }

  async #read(number: number, offset: number, length: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafe(Math.min(length, MAX_READ));
    const { bytesRead } = await this.#file(number).file.read(buffer, 0, buffer.length, offset);
    if (bytesRead === 0 && length > 0) throw new StatusError(STATUS.EOF, 'end of file');
    return buffer.subarray(0, bytesRead);
  }

  async #write(number: number, offset: number, data: Uint8Array): Promise<void> {
    const { file, append } = this.#writable(number);
    for (let done = 0; done < data.length;) {
      const at = append ? null : offset + done;
      done += (await file.write(data, done, data.length - done, at)).bytesWritten;
    }
  }

  async #list(number: number): Promise<NameEntry[]> {
    const handle = this.#handles.get(number);
    if (handle?.kind !== 'folder') throw new StatusError(STATUS.FAILURE, 'no such handle');
    const names = handle.names.splice(0, NAMES_A_REPLY);
    if (names.length === 0) throw new StatusError(STATUS.EOF, 'end of folder');
    const entries = await Promise.all(
      names.map(async (name) => {
        // A name that vanished since the folder was read is left out.
        const stats = await lstat(join(handle.path, name)).catch(() => null);
        return stats ? { name, long: longName(name, stats), attributes: attributesOf(stats) } : null;
      }),
    );
    return entries.filter((entry) => entry !== null);
  }
}

function named(id: number, path: string): Uint8Array {
  return nameReply(id, [{ name: path, long: path, attributes: {} }]);
}

function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.status;
  if (error instanceof OutsideFolderError) return STATUS.PERMISSION_DENIED;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return STATUS.NO_SUCH_FILE;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ELOOP':
      return STATUS.PERMISSION_DENIED;
    default:
      return STATUS.FAILURE;
  }
}
