/** Waiting for what real processes do. */
import { readFileSync } from 'node:fs';

/** Waits until `check` holds, looking again and again; fails after `ms` with what is waited for. */
export async function eventually(
  what: string,
  check: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((go) => setTimeout(go, 20));
  }
}

/** True while a process of that id is there and no zombie. */
export function isAlive(id: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, 'utf8'));
  } catch {
    return false;
  }
}
