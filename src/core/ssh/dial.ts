/** Opens the TCP connection that SSH runs on, and names in our codes why it could not. */
import { connect, type Socket } from 'node:net';
import { MusterError, type ErrorCode } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time.ts';

/** Where to dial, and for how long to try. */
export interface DialOptions {
  host: string;
  port: number;
  timeoutMs: number;
  clock: Clock;
  signal?: AbortSignal | undefined;
}

/** A connected socket, paused. Throws HOST_UNKNOWN, PORT_CLOSED, HOST_UNREACHABLE, CANCELLED. */
export function dial({ host, port, timeoutMs, clock, signal }: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new MusterError('CANCELLED', 'cancelled'));
    const socket = connect({ host, port, noDelay: true });
    socket.pause();
    const settle = (error: MusterError | null) => {
      stopTimer();
      signal?.removeEventListener('abort', onAbort);
      socket.removeListener('error', onError);
      socket.removeListener('connect', onConnect);
      if (!error) return resolve(socket);
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const onError = (error: Error) => settle(dialError(error, host, port));
    const onConnect = () => settle(null);
    const onAbort = () => settle(new MusterError('CANCELLED', 'cancelled'));
    const stopTimer = clock.after(timeoutMs, () =>
      settle(
        new MusterError('HOST_UNREACHABLE', `${host} did not answer within ${timeoutMs / 1000} s`, {
          host,
          port,
        }),
      ),
    );
    signal?.addEventListener('abort', onAbort);
    socket.once('error', onError);
    socket.once('connect', onConnect);
  });
}

const UNKNOWN = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME', 'EAI_NODATA', 'EAI_FAIL']);

/** The code of a failed connect. A name with several addresses fails with an AggregateError of all attempts. */
export function dialError(error: Error, host: string, port: number): MusterError {
  const all = error instanceof AggregateError ? [...(error.errors as Error[]), error] : [error];
  const codes = all.map((one) => (one as NodeJS.ErrnoException).code ?? '');
  let code: ErrorCode = 'HOST_UNREACHABLE';
  if (codes.includes('ECONNREFUSED')) code = 'PORT_CLOSED';
  else if (codes.some((one) => UNKNOWN.has(one))) code = 'HOST_UNKNOWN';
  return new MusterError(code, `${host}:${port}: ${codes[0] || error.message}`, { host, port }, error);
}
