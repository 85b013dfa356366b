/** A Pipe over the MessagePort that the Electron shell hands to the page. */
import { MusterError } from '../src/shared/errors.ts';
import { pipeEnd } from '../src/shared/pipe-end.ts';
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
  const { pipe, arrived, end } = pipeEnd({
    send: (message) => port.postMessage(message),
    close: () => port.close(),
    // until it is started it keeps what comes
    received: () => port.start(),
  });
  port.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.data instanceof Uint8Array) arrived(event.data);
    else end(new MusterError('BAD_FRAME', 'the engine sent something that is not bytes'));
  });
  // The port closes when the engine's process ends.
  port.addEventListener('close', () => end(new MusterError('CONNECTION_LOST', 'the engine closed the port')));
  return pipe;
}
