/** A Pipe over the MessagePort that the Electron shell hands to the page. */
import { MusterError } from '../src/shared/errors.ts';
import type { Pipe } from '../src/shared/pipe.ts';
import { PORT_MESSAGE, type ShellApi } from '../src/shared/shell-api.ts';

/** Asks the shell for a port and waits for it. Throws TIMEOUT when none comes in `timeoutMs`. */
export function openShellPipe(shell: ShellApi, timeoutMs = 10_000): Promise<Pipe> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('message', take);
    };
    const fail = (error: unknown) => {
      done();
      reject(error instanceof Error ? error : new MusterError('CONNECTION_LOST', String(error)));
    };
    const timer = setTimeout(
      () => fail(new MusterError('TIMEOUT', 'the shell gave no port to the engine')),
      timeoutMs,
    );
    const take = (event: MessageEvent) => {
      const port = event.ports[0];
      if (event.source !== window || event.data !== PORT_MESSAGE || !port) return;
      done();
      resolve(messagePortPipe(port));
    };
    window.addEventListener('message', take);
    shell.connect().catch(fail);
  });
}

/** The pipe of a port. A message that is not bytes is a broken peer: the pipe closes with BAD_FRAME. */
export function messagePortPipe(port: MessagePort): Pipe {
  let open = true;
  let ended: ((error?: MusterError) => void) | undefined;
  const end = (error?: MusterError) => {
    if (!open) return;
    open = false;
    port.close();
    ended?.(error);
  };
  // The port closes when the engine's process ends.
  port.addEventListener('close', () => end(new MusterError('CONNECTION_LOST', 'the engine closed the port')));
  return {
    send(message) {
      if (!open) throw new MusterError('CLOSED', 'the connection is closed');
      port.postMessage(message);
    },
    onMessage(fn) {
      port.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (event.data instanceof Uint8Array) fn(event.data);
        else end(new MusterError('BAD_FRAME', 'the engine sent something that is not bytes'));
      });
      port.start();
    },
    onClose(fn) {
      ended = fn;
    },
    close: () => end(),
  };
}
