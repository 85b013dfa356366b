/**
 * `npm start`: builds, then opens Muster: Electron where its runtime is there or can be had, else the browser shell,
 * saying why in one sentence. Flags: `--demo [n]` virtual devices, `--browser` no Electron, `--port n`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { demoSite } from '../cli/commands/demo.ts';
import { runCli } from '../cli/main.ts';
import { findPrograms } from '../core/programs.ts';
import { startEngine } from '../core/start-engine.ts';
import { serve } from '../serve/server.ts';
import { ensureBuilt, ROOT } from './build.ts';

/** The first Electron whose Node has SQLite without a flag (Node 22.13). */
const ELECTRON_WITH_SQLITE = 35;
const DOWNLOAD_MS = 120_000;

/** An Electron that can be started, or the sentence that says why there is none. */
type Found = { program: string; major: number } | { why: string };

function override(): Found | null {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (!folder) return null;
  const program = join(folder, 'electron');
  if (!existsSync(program)) return { why: `there is no Electron in ${folder}` };
  const version = existsSync(join(folder, 'version')) ? readFileSync(join(folder, 'version'), 'utf8') : '';
  return { program, major: Number.parseInt(version.replace(/^v/, ''), 10) || 0 };
}

function installed(): Found {
  const home = join(ROOT, 'node_modules/electron');
  const path = () => (existsSync(join(home, 'path.txt')) ? readFileSync(join(home, 'path.txt'), 'utf8') : '');
  const found = (): Found | null => {
    const program = join(home, 'dist', path());
    const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
    return path() && existsSync(program) ? { program, major: Number.parseInt(manifest.version, 10) } : null;
  };
  const there = found();
  if (there) return there;
  process.stderr.write('Fetching Electron, once …\n');
  spawnSync(process.execPath, [join(home, 'install.js')], { stdio: 'ignore', timeout: DOWNLOAD_MS });
  return found() ?? { why: "Electron's runtime cannot be had here" };
}

function findElectron(): Found {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'])
    return { why: 'there is no display for a window here' };
  const named = override();
  if (named) return named;
  if (process.getuid?.() === 0) return { why: 'root cannot have a window with a sandbox' };
  return installed();
}

/** Runs Electron over an engine of this Node where its own is too old; resolves to its exit code. */
async function openWindow(
  { program, major }: { program: string; major: number },
  demo: number,
): Promise<number> {
  const env: NodeJS.ProcessEnv = { ...process.env, MUSTER_NODE: process.execPath };
  const site = demo > 0 ? demoSite() : null;
  const engine =
    demo > 0 || major < ELECTRON_WITH_SQLITE ? await startEngine({ root: ROOT, site, watch: true }) : null;
  const serving = engine && (await serve({ engine, renderer: findPrograms(ROOT).renderer, port: 0 }));
  if (serving) env['MUSTER_ENGINE_URL'] = serving.attachUrl;
  if (engine && demo > 0) await engine.handlers['demo.start']({ devices: demo });
  const root = process.getuid?.() === 0;
  if (root) process.stderr.write('You are root: the window runs without its sandbox.\n');
  const flags = root ? ['--no-sandbox'] : [];
  const child = spawn(program, [...flags, ROOT], { stdio: 'inherit', env });
  const stop = () => child.kill();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const code = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', (status) => resolve(status ?? 0));
  });
  await serving?.close();
  await engine?.close();
  return code;
}

const { values } = parseArgs({
  options: {
    demo: { type: 'boolean' },
    devices: { type: 'string' },
    browser: { type: 'boolean' },
    port: { type: 'string' },
  },
});
const demo = values.demo ? Number(values.devices ?? 3) : 0;
await ensureBuilt('daemon', 'renderer', 'demo');
const electron: Found = values.browser ? { why: 'a browser was asked for' } : findElectron();
if ('program' in electron) {
  await ensureBuilt('shell');
  process.exitCode = await openWindow(electron, demo);
} else {
  process.stderr.write(`Opening in the browser, because ${electron.why}.\n`);
  const port = values.port ? ['--port', values.port] : [];
  const args = demo > 0 ? ['demo', '--devices', String(demo)] : ['serve'];
  process.exitCode = await runCli([...args, ...port], ROOT);
}
