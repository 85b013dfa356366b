/**
 * A team's own firmware as a folder: `firmware.yaml` says what it is, `config.yaml` what a station measures,
 * `drivers/<id>.ts` how to talk to a chip of their own. Owns: reading that, and what a bundle of it holds.
 * Refuses: to guess. Called by `muster firmware build`.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { MusterError } from '../../shared/errors.ts';
import { CONFIG_PATH, driverPath, manifestSchema } from '../../shared/firmware.ts';
import { bundleDriver } from './bundle-driver.ts';
import { contentOf } from './bundle-content.ts';
import type { BundleInput } from './build-bundle.ts';

export const PROJECT_FILE = 'firmware.yaml';

const projectSchema = z.strictObject({
  product: manifestSchema.shape.product,
  version: z.preprocess(
    (value) => (typeof value === 'number' ? String(value) : value),
    manifestSchema.shape.version,
  ),
  /** What it is, for people. It is not part of the bundle. */
  what: z.string().max(400).optional(),
});

/** A project ready to be built. `files` are what it adds to the daemon. */
export interface FirmwareProject {
  product: string;
  version: string;
  files: BundleInput[];
}

/** A driver's source; tests and simulated chips have a second dot. */
const DRIVER = /^([A-Za-z0-9][A-Za-z0-9_-]{0,59})\.ts$/;

/** Reads the project in `dir` and bundles its drivers. Throws BAD_INPUT {field, path}, DRIVER_BROKEN. */
export async function readProject(dir: string): Promise<FirmwareProject> {
  const text = await optional(join(dir, PROJECT_FILE));
  if (text === null)
    throw wrong(
      dir,
      `there is no ${PROJECT_FILE} in ${dir}: make a project with "muster new", or name its folder`,
    );
  let value: unknown;
  try {
    value = parse(text);
  } catch (thrown) {
    throw wrong(PROJECT_FILE, (thrown as Error).message.split('\n')[0] ?? '', thrown);
  }
  const parsed = projectSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong(PROJECT_FILE, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { product, version } = parsed.data;
  const files: BundleInput[] = [];
  const add = (path: string, bytes: string): void => {
    files.push({ path, executable: false, arch: null, content: contentOf(Buffer.from(bytes)) });
  };
  const config = await optional(join(dir, CONFIG_PATH));
  if (config !== null) add(CONFIG_PATH, config);
  for (const id of await driversIn(join(dir, 'drivers')))
    add(driverPath(id), await bundleDriver(dir, `drivers/${id}.ts`));
  return { product, version, files };
}

async function driversIn(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch((): string[] => []);
  return names.flatMap((name) => DRIVER.exec(name)?.[1] ?? []).toSorted();
}

async function optional(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw wrong(path, (thrown as Error).message, thrown);
  }
}

function wrong(field: string, why: string, cause?: unknown): MusterError {
  return new MusterError('BAD_INPUT', `${field}: ${why}`, { field }, cause);
}
