/**
 * Bundles the daemon: one ESM file for a plain Node 24 of any architecture. Beside it, in `addons/`, lies
 * native code for those buses that need it.
 * `node src/build/daemon.ts` writes dist/daemon/muster-daemon.mjs and prints what it made.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { ADDONS } from '../shared/firmware.ts';
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
  await bundle.write({ file: path, format: 'esm', minify: true, codeSplitting: false, banner: addonsLine() });
  await bundle.close();
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  return { path, version: VERSION, sha256 };
}

/** Hashes of the addons: a daemon that goes with others is another file, so that an installation sees it. */
function addonsLine(): string {
  const hashes = (['arm64', 'x64'] as const).flatMap((arch) =>
    ADDONS.map((file) => {
      const bytes = readFileSync(join(ROOT, 'assets/addons', arch, file));
      return `${arch}/${file} ${createHash('sha256').update(bytes).digest('hex')}`;
    }),
  );
  return `//! addons: ${hashes.join(', ')}`;
}

if (import.meta.main)
  process.stdout.write(`${JSON.stringify(await bundleDaemon(join(ROOT, 'dist/daemon')))}\n`);
