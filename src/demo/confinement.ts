/** Keeps writing inside one folder, whatever `..` and symbolic links a path is made of. */
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** A path outside the folder was to be changed. */
export class OutsideFolderError extends Error {
  override readonly name = 'OutsideFolderError';
}

/** Answers with the real path to use instead of the one asked for. Throws OutsideFolderError; ENOENT for a missing parent. */
export interface Confinement {
  /** For opening and changing a file: the last part is followed when it is a link. */
  file(path: string): Promise<string>;
  /** For removing, renaming and making: the last part is taken as it is. */
  entry(path: string): Promise<string>;
}

/** Confines to `folder`, an existing absolute path. Relative paths start at `base`. */
export function confineTo(folder: string, base: string): Confinement {
  const root = realpath(folder);

  async function inside(real: string): Promise<string> {
    const top = await root;
    if (real === top || real.startsWith(top + sep)) return real;
    throw new OutsideFolderError(`${real} is outside ${top}`);
  }

  async function entry(path: string): Promise<string> {
    const absolute = resolve(base, path);
    return join(await inside(await realpath(dirname(absolute))), basename(absolute));
  }

  async function file(path: string): Promise<string> {
    const absolute = resolve(base, path);
    let real: string;
    try {
      real = await realpath(absolute);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      // A link that points nowhere would be created where it points to: nobody knows where that is.
      if (await lstat(absolute).catch(() => null)) throw new OutsideFolderError(`${absolute} points nowhere`);
      return entry(path);
    }
    return inside(real);
  }

  return { file, entry };
}
