/** A subsystem of the server (RFC 4254 section 6.5) as bytes in, text out and one end; for those that have no framing. */
import { StringDecoder } from 'node:string_decoder';
import type { ExecChannel } from './run-command.ts';

/** How a subsystem ended. Both null: the connection went first. */
export interface SubsystemEnd {
  code: number | null;
  signal: string | null;
}

export interface Subsystem {
  /** Sends bytes; true once the far side had room for all of them, false when it takes nothing any more. */
  write(bytes: Uint8Array): Promise<boolean>;
  /** Ends it from here. */
  close(): void;
  /** Settles when it has ended, however; never rejects. */
  readonly ended: Promise<SubsystemEnd>;
}

/** The subsystem on an open `channel`; `onText` gets what it says, in pieces of any size. */
export function subsystemOn(channel: ExecChannel, onText: (text: string) => void): Subsystem {
  const decoder = new StringDecoder('utf8');
  let end: SubsystemEnd = { code: null, signal: null };
  let isOver = false;
  const ended = new Promise<SubsystemEnd>((resolve) => {
    channel.on('close', () => {
      isOver = true;
      resolve(end);
    });
  });
  channel.on('data', (chunk: Buffer) => onText(decoder.write(chunk)));
  // never read, its window would close and hold up the rest
  channel.stderr.resume();
  channel.on('exit', (code: number | null, signal?: string) => {
    end = { code, signal: signal ?? null };
    // not before: Erlang's server tells no exit to a channel that was closed after the end of its output
    channel.end();
  });
  // a write into a channel that the far side closed; 'close' follows and is what counts
  channel.on('error', () => {});

  return {
    async write(bytes) {
      if (isOver || channel.writableEnded || channel.destroyed) return false;
      // not by 'drain': the channel would take megabytes that the far side has no room for yet
      const taken = new Promise<void>((resolve) => {
        channel.write(bytes, () => resolve());
      });
      await Promise.race([taken, ended]);
      return !isOver && !channel.writableEnded;
    },
    close() {
      channel.end();
      channel.close();
    },
    ended,
  };
}
