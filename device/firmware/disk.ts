/**
 * Every change that firmware makes to the disk, as one interface: so that a test can cut the power after any of them.
 * Reading needs no such care and goes past it.
 */
import { chmod, copyFile, link, mkdir, open, rename, rm, symlink } from 'node:fs/promises';

/** A file that is being written. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  /** `durable`: on the disk before it resolves. */
  close(durable: boolean): Promise<void>;
}

export interface Disk {
  /** With its parents; fine when it is there. */
  makeFolder(path: string): Promise<void>;
  /** Opens for writing at `from`, made where it is missing; what stood there and after is gone. */
  open(path: string, from: number): Promise<Sink>;
  /** Durable before it resolves. */
  copy(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** A file, or a folder with all in it; fine when it is not there. */
  remove(path: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
}

export const realDisk: Disk = {
  async makeFolder(path) {
    await mkdir(path, { recursive: true });
  },
  async open(path, from) {
    // appending would ignore the place
    const file = await open(path, from === 0 ? 'w' : 'r+');
    let at = from;
    if (from > 0) await file.truncate(from);
    return {
      async write(bytes) {
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at);
          done += bytesWritten;
          at += bytesWritten;
        }
      },
      async close(durable) {
        try {
          if (durable) await file.sync();
        } finally {
          await file.close();
        }
      },
    };
  },
  async copy(from, to) {
    await copyFile(from, to);
    await sync(to);
  },
  link,
  symlink,
  chmod,
  rename,
  async remove(path) {
    await rm(path, { recursive: true, force: true });
  },
  syncFolder: sync,
};

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes a new file, durable before it resolves. What of it there is after a failure is of no use. */
export async function writeDurably(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const sink = await disk.open(path, 0);
  try {
    await sink.write(bytes);
  } catch (thrown) {
    await sink.close(false);
    throw thrown;
  }
  await sink.close(true);
}

/** Replaces a small file whole or not at all; `folder` holds it. */
export async function replaceFile(disk: Disk, folder: string, name: string, text: string): Promise<void> {
  const temporary = `${folder}/${name}.new`;
  await writeDurably(disk, temporary, Buffer.from(text));
  await disk.rename(temporary, `${folder}/${name}`);
  await disk.syncFolder(folder);
}
