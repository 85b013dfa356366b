/**
 * The only reader of the machine: its files, its memory, its disks, its networks.
 * Owns: looking in the prefix first, so that a folder tree can stand for a board. Refuses: to interpret what it read.
 * Called by drivers, the announcer and the daemon's own health.
 */
import { existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, networkInterfaces } from 'node:os';
import { join } from 'node:path';

/** An IPv4 address of this machine. */
export interface InterfaceAddress {
  interface: string;
  address: string;
  netmask: string;
  /** True for loopback. */
  internal: boolean;
}

/** What the machine can be asked. Paths are relative to its root: `proc/loadavg`. */
export interface Machine {
  /** Trimmed text of a file; null when it is not there or cannot be read. */
  text(path: string): string | null;
  /** The same for a file that the kernel answers only after a while: the process goes on meanwhile. */
  textSlowly(path: string): Promise<string | null>;
  /** When a file was last written, epoch ms; null when it is not there. */
  modifiedMs(path: string): number | null;
  /** Names in a folder, sorted; empty when it is not there. */
  list(path: string): string[];
  /** Space of the file system that holds `path`, bytes. */
  space(path: string): { freeBytes: number; totalBytes: number };
  /** IPv4 addresses now. */
  addresses(): InterfaceAddress[];
  /** Node's name of the architecture. */
  arch: string;
  cores: number;
}

/**
 * The machine as seen below `prefix`: a file or folder that is there is read there, else at the real root.
 * sysfs and procfs files are read synchronously: they are answered by the kernel without waiting for a disk.
 */
export function openMachine(prefix: string): Machine {
  const resolve = (path: string): string => {
    if (prefix) {
      const inside = join(prefix, path);
      if (existsSync(inside)) return inside;
    }
    return join('/', path);
  };
  return {
    text(path) {
      try {
        // a device tree's strings end with a NUL
        return readFileSync(resolve(path), 'utf8').replaceAll('\0', '').trim();
      } catch {
        return null;
      }
    },
    async textSlowly(path) {
      return readFile(resolve(path), 'utf8').then(
        (text) => text.trim(),
        () => null,
      );
    },
    modifiedMs(path) {
      return statSync(resolve(path), { throwIfNoEntry: false })?.mtimeMs ?? null;
    },
    list(path) {
      try {
        return readdirSync(resolve(path)).toSorted();
      } catch {
        return [];
      }
    },
    space(path) {
      const fs = statfsSync(resolve(path));
      return { freeBytes: fs.bavail * fs.bsize, totalBytes: fs.blocks * fs.bsize };
    },
    addresses() {
      return Object.entries(networkInterfaces()).flatMap(([name, rows]) =>
        (rows ?? [])
          .filter((row) => row.family === 'IPv4')
          .map(({ address, netmask, internal }) => ({ interface: name, address, netmask, internal })),
      );
    },
    arch: arch(),
    cores: availableParallelism(),
  };
}
