/**
 * A file that says which living process has something: made exclusively, believed as long as that process lives, so
 * that one that was killed holds up nobody.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** What this process has: two engines may live in one. */
const held = new Set<string>();

/** True when `path` is the caller's from now on; false while somebody who lives has it. Throws what the disk throws. */
export function claim(path: string): boolean {
  if (held.has(path)) return false;
  const me = nameOf(process.pid);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, me ?? '', { flag: 'wx', mode: 0o600 });
      held.add(path);
      return true;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    }
    const owner = ownerOf(path);
    if (owner !== null && owner !== me && nameOf(Number.parseInt(owner, 10)) === owner) return false;
    takeAway(path, owner);
  }
  return false;
}

/** Gives up what this process has claimed. */
export function release(path: string): void {
  if (held.delete(path)) rmSync(path, { force: true });
}

/** Takes a dead owner's file away, and puts it back when another engine was faster and it is that one's by now. */
function takeAway(path: string, dead: string | null): void {
  const away = `${path}.${process.pid}`;
  try {
    renameSync(path, away);
    if (ownerOf(away) !== dead) linkSync(away, path);
  } catch {
    // somebody else has taken it away or put it back: the next attempt tells
  }
  rmSync(away, { force: true });
}

function ownerOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** A name for a living process that no later one has: its number and, where the system tells, its start. */
function nameOf(pid: number): string | null {
  try {
    // signal 0 asks only whether it lives; a process of somebody else answers EPERM
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return null;
  }
  try {
    // proc(5): field 22 is the start time; the name in field 2 may hold anything, so count behind its bracket
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return String(pid);
  }
}
