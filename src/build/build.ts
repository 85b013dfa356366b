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
export type BuildPart = 'daemon' | 'renderer' | 'demo' | 'shell';

const INPUTS: Record<BuildPart, string[]> = {
  daemon: [
    'device/**/*',
    'src/shared/**/*',
    'assets/addons/**/*',
    'src/build/daemon.ts',
    'package-lock.json',
  ],
  renderer: ['renderer/**/*', 'src/shared/**/*', 'src/build/vite.config.ts', 'package-lock.json'],
  demo: ['src/demo/**/*', 'src/core/**/*', 'src/shared/**/*', 'package-lock.json'],
  shell: ['src/main/**/*', 'src/preload/**/*', 'src/core/**/*', 'src/shared/**/*', 'package-lock.json'],
};

async function bundle(folder: string, input: Record<string, string>, format: 'esm' | 'cjs'): Promise<void> {
  const dir = join(DIST, folder);
  rmSync(dir, { recursive: true, force: true });
  const build = await rolldown({
    cwd: ROOT,
    input,
    platform: 'node',
    // optional native parts of ssh2 and ws: both do without
    external: ['electron', 'cpu-features', 'bufferutil', 'utf-8-validate', /\.node$/],
    logLevel: 'warn',
  });
  await build.write({
    dir,
    format,
    entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js',
    // CommonJS packages inside a bundle that is a module: ssh2 looks for a program beside itself
    intro: format === 'esm' ? 'const __dirname = import.meta.dirname;' : '',
  });
  await build.close();
}

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
  async demo() {
    await bundle('demo', { main: 'src/demo/main.ts' }, 'esm');
  },
  async shell() {
    await bundle('main', { main: 'src/main/main.ts', 'engine-host': 'src/main/engine-host.ts' }, 'esm');
    // a sandboxed preload has to be CommonJS
    await bundle('preload', { preload: 'src/preload/preload.ts' }, 'cjs');
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

if (import.meta.main) await ensureBuilt('daemon', 'renderer', 'demo', 'shell');
