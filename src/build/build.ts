/**
 * Builds what cannot run from source: the daemon bundle, the page, the Electron shell. Each part is built only
 * when something it is made of has changed, so that every command may ask for it first.
 */
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { bundleDaemon } from './daemon.ts';

/** The checkout's folder. */
export const ROOT = new URL('../..', import.meta.url).pathname;
const DIST = join(ROOT, 'dist');

/** What can be built. `shell` is Electron's main, preload and engine host. */
export type BuildPart = 'daemon' | 'renderer' | 'shell';

const INPUTS: Record<BuildPart, string[]> = {
  daemon: ['device/**/*', 'src/shared/**/*', 'src/build/daemon.ts', 'package-lock.json'],
  renderer: ['renderer/**/*', 'src/shared/**/*', 'src/build/vite.config.ts', 'package-lock.json'],
  shell: ['src/main/**/*', 'src/preload/**/*', 'src/core/**/*', 'src/shared/**/*', 'package-lock.json'],
};

const BUILD: Record<BuildPart, () => Promise<void>> = {
  async daemon() {
    const { path, version, sha256 } = await bundleDaemon(join(DIST, 'daemon'));
    const file = path.slice(DIST.length + 1);
    writeFileSync(join(DIST, 'manifest.json'), `${JSON.stringify({ daemon: { file, version, sha256 } })}\n`);
  },
  async renderer() {
    const { build } = await import('vite');
    await build({ configFile: join(ROOT, 'src/build/vite.config.ts'), logLevel: 'warn' });
  },
  async shell() {
    rmSync(join(DIST, 'main'), { recursive: true, force: true });
    const external = ['electron', 'cpu-features', /\.node$/];
    const main = await rolldown({
      input: { main: join(ROOT, 'src/main/main.ts'), 'engine-host': join(ROOT, 'src/main/engine-host.ts') },
      platform: 'node',
      external,
      logLevel: 'silent',
    });
    await main.write({ dir: join(DIST, 'main'), format: 'esm' });
    const preload = await rolldown({
      input: join(ROOT, 'src/preload/preload.ts'),
      platform: 'node',
      external,
    });
    await preload.write({ file: join(DIST, 'preload/preload.cjs'), format: 'cjs' });
  },
};

function fingerprint(part: BuildPart): string {
  const hash = createHash('sha256');
  const files = INPUTS[part].flatMap((pattern) => globSync(pattern, { cwd: ROOT, withFileTypes: true }));
  const paths = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of paths.toSorted()) hash.update(path).update(readFileSync(path));
  return hash.digest('hex');
}

/** Builds `parts` where they are missing or out of date. Says which on standard error. */
export async function ensureBuilt(...parts: BuildPart[]): Promise<void> {
  mkdirSync(DIST, { recursive: true });
  for (const part of parts) {
    const stamp = join(DIST, `.${part}.stamp`);
    const wanted = fingerprint(part);
    let built = '';
    try {
      built = readFileSync(stamp, 'utf8');
    } catch {
      // not built yet
    }
    if (built === wanted) continue;
    process.stderr.write(`Building the ${part} …\n`);
    await BUILD[part]();
    writeFileSync(stamp, wanted);
  }
}

if (import.meta.main) await ensureBuilt('daemon', 'renderer', 'shell');
