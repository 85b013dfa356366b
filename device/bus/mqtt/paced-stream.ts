/**
 * A socket that is read in small pieces, one in each turn of the event loop: in a storm of messages the host's heartbeat
 * and its other sensors have their turns between them. What is not read stays with the broker, which drops it.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { PacketGuard } from './packet-guard.ts';

/** Bytes of a piece: some dozens of messages, a millisecond of work. */
const PIECE = 8192;

export class PacedStream extends Duplex {
  readonly #socket: Socket;
  /** What was read of the socket and has not had its turn. */
  #rest: Uint8Array = new Uint8Array();

  /** `longest`: bytes of the longest packet that is let in; when a longer one begins it ends, and `onTooLong` is told. */
  constructor(socket: Socket, longest: number, onTooLong: () => void) {
    super();
    this.#socket = socket;
    const guard = new PacketGuard();
    socket.on('data', (bytes: Buffer) => {
      socket.pause();
      if (guard.see(bytes) > longest) {
        onTooLong();
        this.destroy();
        return;
      }
      this.#rest = bytes;
      this.#pushPiece();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    setImmediate(() => {
      if (this.destroyed) return;
      if (this.#rest.length > 0) this.#pushPiece();
      else this.#socket.resume();
    });
  }

  #pushPiece(): void {
    const piece = this.#rest.subarray(0, PIECE);
    this.#rest = this.#rest.subarray(PIECE);
    this.push(piece);
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(bytes, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
