/**
 * What a round trip between two processes costs on this machine at this moment: a bare Node behind a unix socket that
 * gives back what it gets. A control call cannot be faster.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

/** About the bytes of a small call and its answer. */
const MESSAGE = Buffer.alloc(100);

export interface Echo {
  /** Microseconds of one round trip. */
  time(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the other process, its socket in `folder`. */
export async function startEcho(folder: string): Promise<Echo> {
  const path = join(folder, 'echo.sock');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'echo-server.ts'), path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'close');
  await once(child, 'message');
  const socket: Socket = connect(path);
  await once(socket, 'connect');
  return {
    async time() {
      const begun = performance.now();
      socket.write(MESSAGE);
      for (let bytes = 0; bytes < MESSAGE.length;)
        bytes += ((await once(socket, 'data')) as [Buffer])[0].length;
      return (performance.now() - begun) * 1000;
    },
    async stop() {
      socket.destroy();
      child.kill();
      await ended;
    },
  };
}
