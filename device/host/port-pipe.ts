/** A message port as a pipe, and two joined pipes for a host without a border. */
import type { Pipe } from '../../src/shared/pipe.ts';

/** What a worker and the port inside it have in common. */
interface Port {
  postMessage(message: Uint8Array): void;
  on(event: 'message', fn: (message: Uint8Array) => void): unknown;
  on(event: 'close' | 'exit', fn: () => void): unknown;
}

/** Wraps a port; it ends when the other side's thread does. Messages that come before a receiver are kept. */
export function portPipe(port: Port): Pipe {
  const end = halfPipe((message) => port.postMessage(message));
  port.on('message', (message) => end.arrived(message));
  port.on('close', () => end.pipe.close());
  port.on('exit', () => end.pipe.close());
  return end.pipe;
}

/** Two ends in one thread; a message arrives in a later turn of the event loop. */
export function joinedPipes(): [Pipe, Pipe] {
  const a = halfPipe((message) => void setImmediate(() => b.arrived(message)));
  const b = halfPipe((message) => void setImmediate(() => a.arrived(message)));
  a.pipe.onClose(() => b.pipe.close());
  b.pipe.onClose(() => a.pipe.close());
  return [a.pipe, b.pipe];
}

function halfPipe(post: (message: Uint8Array) => void): { pipe: Pipe; arrived(message: Uint8Array): void } {
  const early: Uint8Array[] = [];
  let receive: ((message: Uint8Array) => void) | null = null;
  const listeners: (() => void)[] = [];
  let open = true;
  return {
    arrived(message) {
      if (!open) return;
      if (receive) receive(message);
      else early.push(message);
    },
    pipe: {
      send(message) {
        if (open) post(message);
      },
      onMessage(fn) {
        receive = fn;
        for (const message of early.splice(0)) fn(message);
      },
      onClose(fn) {
        if (open) listeners.push(() => fn());
        else fn();
      },
      close() {
        if (!open) return;
        open = false;
        for (const fn of listeners) fn();
      },
    },
  };
}
