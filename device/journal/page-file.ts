/**
 * The pages of an SQLite file as its last commit left them: those of the file, over them those of its write-ahead log
 * (sqlite.org/fileformat2.html, section 4). Made for files that SQLite refuses; asks nothing of the header.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const LOG_HEADER = 32;
const FRAME_HEADER = 24;

export class PageFile {
  readonly #pageSize: number;
  readonly #file: number;
  readonly #log: number | null;
  /** Page number → where its newest committed content begins in the log. */
  readonly #newer = new Map<number, number>();
  /** Pages of the file, its log included. */
  readonly pages: number;

  /** Throws what opening a file throws. */
  constructor(path: string, pageSize: number) {
    this.#pageSize = pageSize;
    this.#file = openSync(path, 'r');
    this.#log = openIfThere(`${path}-wal`);
    if (this.#log !== null) this.#index(this.#log);
    const held = Math.floor(fstatSync(this.#file).size / pageSize);
    this.pages = Math.max(held, ...this.#newer.keys());
  }

  /** Content of page `number` (from 1); null when it is cut off or was never there. */
  page(number: number): Uint8Array | null {
    const newer = this.#newer.get(number);
    if (newer !== undefined && this.#log !== null) return readAt(this.#log, newer, this.#pageSize);
    return number < 1 ? null : readAt(this.#file, (number - 1) * this.#pageSize, this.#pageSize);
  }

  close(): void {
    closeSync(this.#file);
    if (this.#log !== null) closeSync(this.#log);
  }

  /** Frames of an older round carry other salts; frames after the last commit were never promised. */
  #index(log: number): void {
    const { size } = fstatSync(log);
    let salts = '';
    const uncommitted = new Map<number, number>();
    for (
      let at = LOG_HEADER;
      at + FRAME_HEADER + this.#pageSize <= size;
      at += FRAME_HEADER + this.#pageSize
    ) {
      const header = readAt(log, at, FRAME_HEADER);
      if (!header) return;
      const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
      const ours = `${view.getUint32(8)}.${view.getUint32(12)}`;
      salts ||= ours;
      if (ours !== salts) return;
      uncommitted.set(view.getUint32(0), at + FRAME_HEADER);
      if (view.getUint32(4) === 0) continue;
      for (const [number, where] of uncommitted) this.#newer.set(number, where);
      uncommitted.clear();
    }
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** `length` bytes at `at`; null when the file ends before, or the medium does not give them. */
function readAt(file: number, at: number, length: number): Uint8Array | null {
  const bytes = new Uint8Array(length);
  try {
    return readSync(file, bytes, 0, length, at) === length ? bytes : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') return null;
    throw error;
  }
}
