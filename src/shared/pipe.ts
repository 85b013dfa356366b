/**
 * A pipe carries whole messages of bytes both ways; a peer speaks over it and knows no transport.
 * Byte streams (SSH channels, unix sockets) get message borders from `frame` and `FrameParser`.
 */
import { MusterError } from './errors.ts';

/** One end of a duplex message pipe. */
export interface Pipe {
  /** Sends one message; false or a pending promise when the other side is slow. Throws CLOSED after close. */
  send(message: Uint8Array): void;
  /** Sets the receiver of messages. Messages that came earlier are kept and handed over. */
  onMessage(fn: (message: Uint8Array) => void): void;
  /** Sets the one listener told once that the pipe ended, with the error if it did not end well. */
  onClose(fn: (error?: MusterError) => void): void;
  close(): void;
}

/** Largest message a framed pipe takes, 16 MiB. */
export const MAX_MESSAGE = 16 * 1024 * 1024;

/** Prefixes `message` with its length as u32 big-endian. Throws BAD_FRAME over MAX_MESSAGE. */
export function frame(message: Uint8Array): Uint8Array {
  if (message.length > MAX_MESSAGE)
    throw new MusterError('BAD_FRAME', `a message of ${message.length} bytes is over ${MAX_MESSAGE}`);
  const out = new Uint8Array(4 + message.length);
  new DataView(out.buffer).setUint32(0, message.length);
  out.set(message, 4);
  return out;
}

/** Cuts a byte stream into messages, however the stream was split. */
export class FrameParser {
  #chunks: Uint8Array[] = [];
  #buffered = 0;

  /** Takes the next bytes; returns the messages they complete, in order. Throws BAD_FRAME on an absurd length. */
  push(bytes: Uint8Array): Uint8Array[] {
    this.#chunks.push(bytes);
    this.#buffered += bytes.length;
    const out: Uint8Array[] = [];
    for (;;) {
      if (this.#buffered < 4) return out;
      const head = this.#peek(4);
      const length = new DataView(head.buffer, head.byteOffset, 4).getUint32(0);
      if (length > MAX_MESSAGE) throw new MusterError('BAD_FRAME', `a frame claims ${length} bytes`);
      if (this.#buffered < 4 + length) return out;
      this.#take(4);
      out.push(this.#take(length));
    }
  }

  #peek(n: number): Uint8Array {
    const first = this.#chunks[0];
    if (first && first.length >= n) return first;
    const joined = this.#join();
    this.#chunks = [joined];
    return joined;
  }

  #take(n: number): Uint8Array {
    const first = this.#peek(n);
    this.#buffered -= n;
    if (first.length === n) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(n);
    return first.subarray(0, n);
  }

  #join(): Uint8Array {
    const out = new Uint8Array(this.#buffered);
    let at = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }
}
