/** A pipe to a device's daemon over an SSH connection of its own: both end together. */
import { locate } from '../install/inspect.ts';
import { daemonCommand } from '../install/layout.ts';
import type { Pipe } from '../../shared/pipe.ts';
import type { SshConnection } from '../ssh/connection.ts';

/** Opens the pipe on `connection`, which is closed when the pipe ends or cannot be had. Throws NOT_INSTALLED … */
export async function openPipe(connection: SshConnection, signal: AbortSignal): Promise<Pipe> {
  try {
    // asked on each connection: the device may have been installed by somebody else
    const layout = await locate(connection, signal);
    const pipe = await connection.pipe(layout.socket, daemonCommand(layout, 'bridge'));
    return {
      send: (message) => pipe.send(message),
      onMessage: (fn) => pipe.onMessage(fn),
      onClose: (fn) =>
        pipe.onClose((error) => {
          connection.close();
          fn(error);
        }),
      close() {
        pipe.close();
        connection.close();
      },
    };
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
}
