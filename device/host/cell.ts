/**
 * The cell that root and host share: which sensor's driver runs now. It is written before a driver gets the processor,
 * so that it can still be read when that driver never gives it back.
 * Processes share a small file on the run folder (memory, as a rule; a write costs under a microsecond), threads share
 * memory. Layout, u32 little-endian: sensor (0: none) · process or thread id of the host, as the kernel has it.
 */
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** The host's end. */
export interface Cell {
  write(sensor: number): void;
}

/** A cell nobody reads. */
export const noCell: Cell = { write() {} };

/** Makes the file, or empties the one that is there; the host opens it again. */
export function makeCellFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, 'w', 0o600));
}

export function fileCell(path: string, pid: number): Cell {
  const file = openSync(path, 'r+');
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(pid, 4);
  writeSync(file, bytes, 0, 8, 0);
  return {
    write(sensor) {
      bytes.writeUInt32LE(sensor, 0);
      writeSync(file, bytes, 0, 4, 0);
    },
  };
}

/** What a cell file says; zeros when it is gone or was never written. */
export function readCellFile(path: string): { sensor: number; pid: number } {
  try {
    const bytes = readFileSync(path);
    if (bytes.length === 8) return { sensor: bytes.readUInt32LE(0), pid: bytes.readUInt32LE(4) };
  } catch {
    // the run folder may have been swept
  }
  return { sensor: 0, pid: 0 };
}

/** Memory for a cell between threads. */
export function sharedCell(): SharedArrayBuffer {
  return new SharedArrayBuffer(8);
}

export function memoryCell(shared: SharedArrayBuffer, thread: number): Cell {
  const words = new Uint32Array(shared);
  Atomics.store(words, 1, thread);
  return {
    write(sensor) {
      Atomics.store(words, 0, sensor);
    },
  };
}

/** What a cell in memory says; zeros before its host has written. */
export function readMemoryCell(shared: SharedArrayBuffer): { sensor: number; thread: number } {
  const words = new Uint32Array(shared);
  return { sensor: Atomics.load(words, 0), thread: Atomics.load(words, 1) };
}
