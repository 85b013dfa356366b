/** A file's attributes between SFTP's words and the file system's. */
import type { Stats } from 'node:fs';
import { chmod, chown, statfs, truncate, utimes, type FileHandle } from 'node:fs/promises';
import type { Attributes } from './sftp-codec.ts';

/** Permission bits asked for, else `fallback`; the umask applies on top. */
export function mode(attributes: Attributes, fallback: number): number {
  return (attributes.permissions ?? fallback) & 0o7777;
}

/** What SETSTAT and FSETSTAT may change. */
type Changeable = Pick<FileHandle, 'truncate' | 'chmod' | 'chown' | 'utimes'>;

/** The changes SETSTAT may ask of a path, in the shape a FileHandle has them. */
export function pathChanges(path: string): Changeable {
  return {
    truncate: (size) => truncate(path, size),
    chmod: (bits) => chmod(path, bits),
    chown: (uid, gid) => chown(path, uid, gid),
    utimes: (atime, mtime) => utimes(path, atime, mtime),
  };
}

/** Applies what was sent, in the order of the draft's fields. */
export async function change(file: Changeable, attributes: Attributes): Promise<void> {
  const { size, permissions, uid, gid, atime, mtime } = attributes;
  if (size !== undefined) await file.truncate(size);
  if (permissions !== undefined) await file.chmod(permissions & 0o7777);
  if (uid !== undefined && gid !== undefined) await file.chown(uid, gid);
  if (atime !== undefined && mtime !== undefined) await file.utimes(atime, mtime);
}

export function attributesOf(stats: Stats): Attributes {
  return {
    size: stats.size,
    uid: stats.uid,
    gid: stats.gid,
    permissions: stats.mode,
    atime: Math.floor(stats.atimeMs / 1000),
    mtime: Math.floor(stats.mtimeMs / 1000),
  };
}

/** The line of `ls -l`, dates as ISO. */
export function longName(name: string, stats: Stats): string {
  const kind = stats.isDirectory() ? 'd' : stats.isSymbolicLink() ? 'l' : '-';
  const bits = 'rwxrwxrwx'
    .split('')
    .map((letter, i) => (stats.mode & (0o400 >> i) ? letter : '-'))
    .join('');
  const day = stats.mtime.toISOString().slice(0, 10);
  return `${kind}${bits} ${stats.nlink} ${stats.uid} ${stats.gid} ${stats.size} ${day} ${name}`;
}

/** The eleven fields of statvfs@openssh.com; Node does not tell the file system's id, flags and longest name. */
export async function space(path: string): Promise<number[]> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
  return [bsize, bsize, blocks, bfree, bavail, files, ffree, ffree, 0, 0, 255];
}
