/**
 * The processes that run on a virtual device: those whose environment names its folder as MUSTER_PREFIX (proc(5)).
 * A daemon leaves the group and session of the command that started it, but it keeps its environment.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { Clock } from '../shared/time.ts';

/** Time for an orderly end before SIGKILL, and between two looks, ms. */
const GRACE_MS = 4000;
const LOOK_MS = 50;

/** Ids of this user's processes that run on the devices in `folders`. */
export async function hostedProcesses(folders: readonly string[]): Promise<number[]> {
  const marks = new Set(folders.map((folder) => `MUSTER_PREFIX=${folder}`));
  const ids = (await readdir('/proc')).map(Number).filter((id) => id > 0 && id !== process.pid);
  const found = await Promise.all(
    ids.map(async (id) => {
      // Gone in between, or another user's: neither is ours.
      const environment = await readFile(`/proc/${id}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').some((entry) => marks.has(entry));
    }),
  );
  return ids.filter((_, i) => found[i]);
}

/**
 * Ends them: SIGTERM, and SIGKILL for those that are still there after a while. Resolves when none is left, with
 * the ids of those that even SIGKILL did not end (stuck in the kernel).
 */
export async function endHostedProcesses(folders: readonly string[], clock: Clock): Promise<number[]> {
  const told = new Set<number>();
  const deadline = clock.monotonic() + GRACE_MS;
  for (;;) {
    const running = await hostedProcesses(folders);
    if (running.length === 0 || clock.monotonic() >= deadline + GRACE_MS) return running;
    for (const id of running) {
      if (clock.monotonic() >= deadline) signal(id, 'SIGKILL');
      else if (!told.has(id)) signal(id, 'SIGTERM');
      told.add(id);
    }
    await new Promise<void>((go) => clock.after(LOOK_MS, go));
  }
}

function signal(id: number, name: NodeJS.Signals): void {
  try {
    process.kill(id, name);
  } catch {
    // It ended by itself between the look and the signal.
  }
}
