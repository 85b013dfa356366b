/** What this process costs the machine. */
import { readFileSync } from 'node:fs';

/** Resident memory of this process, bytes. */
export function residentBytes(): number {
  return process.memoryUsage.rss();
}

/**
 * Bytes this process has had written to storage so far (proc(5), /proc/self/io write_bytes): what wears an SD card.
 * 0 where the kernel does not count it, or nothing reached a disk.
 */
export function storageBytesWritten(): number {
  try {
    return Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
