import { readFileSync } from 'node:fs';

/** True while a process of that id is there and no zombie. */
export function isAlive(id: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, 'utf8'));
  } catch {
    return false;
  }
}
