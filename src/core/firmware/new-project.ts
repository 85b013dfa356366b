/** `muster new`: starts a team's firmware project from the template in assets/new-project. */
import { cp, mkdir, readdir, readFile, readlink, rename, symlink, unlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { MusterError } from '../../shared/errors.ts';
import { writeWhole } from '../whole-file.ts';
import { PROJECT_FILE } from './firmware-project.ts';

/** What tools would heed within the template under its true name: packagers the one, compilers the other. */
const RENAMED = { gitignore: '.gitignore', 'tsconfig.template.json': 'tsconfig.json' };

/** Makes the project in `dir`, which is empty or not there. `root`: folder of the checkout or package. */
export async function newProject(dir: string, root: string): Promise<{ path: string; product: string }> {
  const path = resolve(dir);
  const product = basename(path)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 60);
  if (product === '') throw refused(path, 'its name gives no product name: use letters and digits');
  try {
    await mkdir(path, { recursive: true });
    if ((await readdir(path)).length > 0) throw refused(path, 'it is not empty');
    await cp(join(root, 'assets/new-project'), path, { recursive: true });
  } catch (thrown) {
    if (thrown instanceof MusterError) throw thrown;
    throw refused(path, (thrown as Error).message, thrown);
  }
  for (const [from, to] of Object.entries(RENAMED)) await rename(join(path, from), join(path, to));
  for (const name of [PROJECT_FILE, 'README.md', 'package.json']) {
    const text = await readFile(join(path, name), 'utf8');
    await writeWhole(join(path, name), text.replaceAll('PRODUCT', product));
  }
  await linkMuster(path, root);
  return { path, product };
}

/**
 * Lets the project's sources say `muster/device/drivers/driver.ts` and find this Muster. The link is no part of the
 * project: whoever clones it gets it from their first build or test.
 */
export async function linkMuster(dir: string, root: string): Promise<void> {
  const modules = join(dir, 'node_modules');
  await mkdir(modules, { recursive: true });
  const link = join(modules, 'muster');
  const before = await readlink(link).catch(() => null);
  if (before === resolve(root)) return;
  try {
    if (before !== null) await unlink(link);
    // a junction needs no rights on Windows; elsewhere the word is ignored
    await symlink(resolve(root), link, 'junction');
  } catch (thrown) {
    throw refused(link, (thrown as Error).message, thrown);
  }
}

function refused(path: string, why: string, cause?: unknown): MusterError {
  return new MusterError('BAD_INPUT', `${path}: ${why}`, { field: path }, cause);
}
