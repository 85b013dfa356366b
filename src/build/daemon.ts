/**
 * Bundles the daemon: one ESM file with nothing beside it, for a plain Node 24 of any architecture.
 * `node src/build/daemon.ts` writes dist/daemon/muster-daemon.mjs and prints what it made.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { VERSION } from '../shared/version.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

/** A daemon bundle: the file, the version inside it, the sha256 of its bytes in hex. */
export interface DaemonBundle {
  path: string;
  version: string;
  sha256: string;
}

/** Writes `muster-daemon.mjs` into `outDir`, which is made where it is missing. */
export async function bundleDaemon(outDir: string): Promise<DaemonBundle> {
  mkdirSync(outDir, { recursive: true });
  const path = join(outDir, 'muster-daemon.mjs');
  const bundle = await rolldown({
    input: join(ROOT, 'device/main.ts'),
    platform: 'node',
    // native code that msgpackr uses where it finds it; the daemon does without
    external: ['msgpackr-extract'],
    logLevel: 'warn',
  });
  await bundle.write({ file: path, format: 'esm', minify: true, codeSplitting: false });
  await bundle.close();
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  return { path, version: VERSION, sha256 };
}

if (import.meta.main)
  process.stdout.write(`${JSON.stringify(await bundleDaemon(join(ROOT, 'dist/daemon')))}\n`);
