/** What the kernel says of another process, or a thread, of ours (proc(5)). */
import { readFileSync, readlinkSync } from 'node:fs';

/** Clock ticks a second of the times in /proc; 100 on every Linux that Node runs on (sysconf(_SC_CLK_TCK)). */
const TICKS_PER_S = 100;

export interface ProcessFacts {
  /** One letter: R wants to run, S and D wait, T is stopped, Z has ended. */
  state: string;
  /** Processor time used so far, ms. */
  cpuMs: number;
}

/** Facts about a process with all its threads, null when there is none of that id. */
export function processFacts(pid: number): ProcessFacts | null {
  return factsIn(`/proc/${pid}/stat`);
}

/** Facts about one thread of this process, null when there is none of that id. */
export function threadFacts(thread: number): ProcessFacts | null {
  return factsIn(`/proc/self/task/${thread}/stat`);
}

/** The kernel's id of the thread that asks; 0 when it does not say. */
export function ownThread(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}

function factsIn(path: string): ProcessFacts | null {
  try {
    const text = readFileSync(path, 'latin1');
    // the name stands in parentheses and may hold anything
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { state: fields[0] ?? '', cpuMs: (ticks * 1000) / TICKS_PER_S };
  } catch {
    return null;
  }
}

/** The arguments a process was started with, empty when there is none of that id. */
export function processArguments(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
