/** Writes a small file whole or not at all, also when the power goes in between. */
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Replaces `path` with `text`: a temporary file beside it, fsync, rename, fsync of the folder. */
export function writeWhole(path: string, text: string): void {
  renameSync(temporaryWith(path, text), path);
  syncFolderOf(path);
}

/** Makes `path` with `text` unless it is there; false when somebody else made it first. Nobody sees half of it. */
export function createWhole(path: string, text: string): boolean {
  const temporary = temporaryWith(path, text);
  try {
    linkSync(temporary, path);
    syncFolderOf(path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** A synced file beside `path`, under a name of this process: two that write at once do not meet in it. */
function temporaryWith(path: string, text: string): string {
  const temporary = `${path}.${process.pid}.new`;
  const file = openSync(temporary, 'w', 0o644);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return temporary;
}

function syncFolderOf(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
