/** The command line and `npm start` as a newcomer runs them: real processes, on folders of their own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;

/** Folders that stand in for a person's home; `env` makes a process use them. The Node runtimes stay cached. */
export function newHome(): { folder: string; env: NodeJS.ProcessEnv; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'muster-home-'));
  const cache = process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? folder, '.cache');
  const env = {
    ...process.env,
    HOME: folder,
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_CACHE_HOME: cache,
    MUSTER_NO_BROWSER: '1',
  };
  return { folder, env, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A finished command. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `muster …args` to its end. `input` goes to its standard input. */
export function runMuster(args: string[], env: NodeJS.ProcessEnv, input = ''): Promise<Ran> {
  return ended(startScript('src/build/muster.ts', args, env), input);
}

/** Starts a script of the checkout with this Node. */
export function startScript(script: string, args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [join(ROOT, script), ...args], { cwd: ROOT, env, stdio: 'pipe' });
}

/** Collects a process to its end. */
export function ended(child: ChildProcess, input = ''): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data) => (stdout += String(data)));
  child.stderr?.on('data', (data) => (stderr += String(data)));
  child.stdin?.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

/** Waits until the output of a running process has something; answers the match. */
export function untilOutput(child: ChildProcess, wanted: RegExp, ms = 60_000): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => fail(`no ${wanted.source} within ${ms} ms`), ms);
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`${why}; its output was:\n${text}`));
    };
    const look = (data: unknown) => {
      text += String(data);
      const found = wanted.exec(text);
      if (!found) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.on('close', (code) => fail(`it ended with ${code}`));
  });
}

/** Ends a process as Ctrl+C does and waits until it is gone. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGINT');
  await gone;
}
