/**
 * The near end of a pipe, whatever carries it: messages that come before there is a receiver are kept, and it ends
 * once, with one reason, also for a listener that comes late. Refuses: to know the transport; that calls `arrived` and
 * `end`, and is told to send and to close.
 */
import { MusterError } from './errors.ts';
import type { Pipe } from './pipe.ts';

/** What carries the messages. */
export interface Transport {
  send(message: Uint8Array): void;
  /** Called once. `byUs`: asked for by whoever holds the pipe, so that what was sent before should still arrive. */
  close(byUs: boolean): void;
  /** Called when there is somebody to take messages. */
  received?(): void;
}

export interface PipeEnd {
  readonly pipe: Pipe;
  /** Hands a message on, or keeps it; nothing after the end. */
  arrived: (message: Uint8Array) => void;
  /** Ends the pipe, with the error if it did not end well. Nothing the second time. */
  end: (error?: MusterError) => void;
}

/** An open end over `transport`. */
export function pipeEnd(transport: Transport): PipeEnd {
  let early: Uint8Array[] = [];
  let receive: ((message: Uint8Array) => void) | null = null;
  let listener: ((error?: MusterError) => void) | null = null;
  let open = true;
  let reason: MusterError | undefined;

  function finish(byUs: boolean, error?: MusterError): void {
    if (!open) return;
    open = false;
    reason = error;
    transport.close(byUs);
    listener?.(error);
  }

  return {
    arrived(message) {
      if (!open) return;
      if (receive) receive(message);
      else early.push(message);
    },
    end: (error) => finish(false, error),
    pipe: {
      send(message) {
        if (!open) throw new MusterError('CLOSED', 'the connection is closed');
        transport.send(message);
      },
      onMessage(fn) {
        receive = fn;
        const kept = early;
        early = [];
        for (const message of kept) fn(message);
        transport.received?.();
      },
      onClose(fn) {
        listener = fn;
        if (!open) fn(reason);
      },
      close: () => finish(true),
    },
  };
}
