/** Hosts of a root that was killed while they could not notice: found by their cell files and ended. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../src/shared/log.ts';
import { processArguments } from '../platform/process-facts.ts';
import { readCellFile } from './cell.ts';

/** Ends what an earlier root left in `folder`; only a process that was started with that very cell is touched. */
export function endLeftovers(folder: string, log: Log): void {
  for (const name of cells(folder)) {
    const path = join(folder, name);
    const { pid } = readCellFile(path);
    if (pid > 0 && processArguments(pid).includes(path)) {
      log('warn', 'ended a host that an earlier daemon left behind', { pid });
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has just ended by itself
      }
    }
    rmSync(path, { force: true });
  }
}

function cells(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.cell'));
  } catch {
    return [];
  }
}
