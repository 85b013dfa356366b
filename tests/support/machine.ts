/** A machine made of a folder tree, as a virtual device is, with nothing of the real one showing through. */
import type { Machine } from '../../device/platform/machine.ts';

/** `files`: path → text. What is not listed is not there. */
export function machineOf(files: Record<string, string>): Machine {
  return {
    text: (path) => files[path] ?? null,
    textSlowly: async (path) => files[path] ?? null,
    modifiedMs: (path) => (path in files ? Date.UTC(2026, 4, 3) : null),
    list: (path) =>
      [
        ...new Set(
          Object.keys(files)
            .filter((file) => file.startsWith(`${path}/`))
            .map((file) => file.slice(path.length + 1).split('/')[0] ?? ''),
        ),
      ].toSorted(),
    space: () => ({ freeBytes: 250, totalBytes: 1000 }),
    addresses: () => [],
    arch: 'arm64',
    cores: 4,
  };
}
