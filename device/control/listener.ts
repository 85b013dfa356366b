/**
 * The unix socket of the daemon: one connection, one peer.
 * Owns: the socket file, who is connected. Refuses: a socket that another daemon answers on (ALREADY_RUNNING).
 * A file left by a daemon that died is removed. Called by the tree; the handlers come from control.ts.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { MusterError } from '../../src/shared/errors.ts';
import type { Pipe } from '../../src/shared/pipe.ts';
import { SHUTDOWN, KILLED, type Child, type ExitReason } from '../otp/child.ts';
import { socketPipe } from './socket-pipe.ts';

/** Longest path of a unix socket (sockaddr_un in unix(7): 108 bytes with the final NUL). */
const MAX_PATH_BYTES = 107;

/** True when something answers on the socket at `path`. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Listens on `path` (mode 0660) and hands each connection over as a pipe. Rejects with ALREADY_RUNNING or BAD_INPUT. */
export async function startListener(path: string, onPipe: (pipe: Pipe) => void): Promise<Child> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw new MusterError('BAD_INPUT', `the socket path ${path} is over ${MAX_PATH_BYTES} bytes`, { path });
  if (await answers(path))
    throw new MusterError('ALREADY_RUNNING', `a daemon answers on ${path} already`, { path });
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  rmSync(path, { force: true });

  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    onPipe(socketPipe(socket));
  });
  await listening(server, path);

  const exited = Promise.withResolvers<ExitReason>();
  let reason: ExitReason | null = null;
  server.on('error', (error) => exited.resolve({ kind: 'error', error }));
  server.on('close', () =>
    exited.resolve(reason ?? { kind: 'error', error: new Error('the socket closed') }),
  );
  const stop = (why: ExitReason): void => {
    reason ??= why;
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { exited: exited.promise, shutdown: () => stop(SHUTDOWN), kill: () => stop(KILLED) };
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // nobody may connect between the making of the socket and its mode
    const umask = process.umask(0o117);
    server.listen(path, () => {
      server.off('error', reject);
      chmodSync(path, 0o660);
      resolve();
    });
    process.umask(umask);
  });
}
