/**
 * The program of the process that holds the outputs: finds its root and its cell, then runs the body.
 * Loaded by the daemon's entry in that process only.
 */
import { appendFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { socketPipe } from '../control/socket-pipe.ts';
import { fileCell } from '../host/cell.ts';
import { HOST_FD } from '../host/host-link.ts';
import { deviceClock } from '../platform/device-clock.ts';
import { runOutputsHost } from './outputs-host-body.ts';

/** Serves the root that started this process; `cellPath`: the file that says who it is. */
export function serveOutputsHost(cellPath: string): void {
  fileCell(cellPath, process.pid);
  const stream = new Socket({ fd: HOST_FD });
  const exit = (): void => process.exit(0);
  const body = runOutputsHost({
    pipe: socketPipe(stream),
    clock: deviceClock,
    keep(path, notes) {
      try {
        appendFileSync(path, notes.map((note) => `${JSON.stringify(note)}\n`).join(''), { flush: true });
      } catch {
        // a full disk keeps no line from falling safe
      }
    },
    leave() {
      stream.end(exit);
      stream.once('close', exit);
    },
  });
  // a service manager signals the whole group; with a root it is the root who decides
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => body.told());
  // nobody reads what a root that was killed had been told
  for (const out of [process.stdout, process.stderr]) out.on('error', () => {});
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    body.panic(() => process.exit(1));
  });
}
