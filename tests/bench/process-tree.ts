/** What a process and all below it cost, as the kernel counts it (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc/PID/stat: USER_HZ, 100 on every Linux that Node runs on. */
const USER_HZ = 100;

/** `pid` and all its descendants that run now. */
export function processesOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = statOf(Number(name));
    if (stat) parents.set(Number(name), Number(stat[1]));
  }
  const found = [pid];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found;
}

/** CPU seconds, user and system, of all of them so far, children that have ended included. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = statOf(pid);
    // utime, stime, cutime, cstime: fields 14 to 17, of which the first two are cut off here
    if (stat) for (const field of stat.slice(11, 15)) ticks += Number(field);
  }
  return ticks / USER_HZ;
}

/** Proportional set size of all of them, MiB: pages that several share are counted once. */
export function pssMib(pids: readonly number[]): number {
  let kib = 0;
  for (const pid of pids) {
    const rollup = textOf(`/proc/${pid}/smaps_rollup`);
    kib += Number(/^Pss:\s+(\d+)/m.exec(rollup ?? '')?.[1] ?? 0);
  }
  return kib / 1024;
}

/** Fields of /proc/PID/stat from the third on; null when the process has ended. */
function statOf(pid: number): string[] | null {
  const text = textOf(`/proc/${pid}/stat`);
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Null when the process has ended, which it may have since it was found. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
