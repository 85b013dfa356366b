/**
 * The program of a host that is a process or a thread of its own: finds its root and its cell, then runs the body.
 * Loaded by the daemon's entry in such a process or thread only.
 */
import { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { MusterError } from '../../src/shared/errors.ts';
import { socketPipe } from '../control/socket-pipe.ts';
import { CATALOG } from '../drivers/catalog.ts';
import type { Driver } from '../drivers/driver.ts';
import { residentBytes } from '../platform/health.ts';
import { ownThread } from '../platform/process-facts.ts';
import { fileCell, memoryCell } from './cell.ts';
import { runHost } from './host-body.ts';
import { HOST_FD, type HostThreadData } from './host-link.ts';
import { portPipe } from './port-pipe.ts';

/** Serves the root that started this process; `cellPath`: the file it shares with the root. */
export function serveHostProcess(cellPath: string, catalog: readonly Driver[] = CATALOG): void {
  // a service manager signals the whole group; the root decides who stops when
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  const stream = new Socket({ fd: HOST_FD });
  const exit = (): void => process.exit(0);
  runHost({
    pipe: socketPipe(stream),
    cell: fileCell(cellPath, process.pid),
    catalog,
    memoryBytes: residentBytes,
    cpuUs: () => process.cpuUsage(),
    leave() {
      // what was sent before goes out first, unless there is nobody left to take it
      stream.end(exit);
      stream.once('close', exit);
    },
  });
}

/** Serves the root that started this thread. */
export function serveHostThread(catalog: readonly Driver[] = CATALOG): void {
  const port = parentPort;
  if (!port) throw new MusterError('INTERNAL', 'a host thread has a parent');
  runHost({
    pipe: portPipe(port),
    cell: memoryCell((workerData as HostThreadData).cell, ownThread()),
    catalog,
    cpuUs: () => process.threadCpuUsage(),
    memoryBytes: () => {
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    },
    leave: () => port.close(),
  });
}
