/** Where npm is: beside the Node that runs us, or on PATH. It is run by our own Node, so no shell is needed. */
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Program and leading arguments that run npm, null when there is none. */
export function findNpm(execPath: string, path: string): [string, ...string[]] | null {
  const beside = [
    join(dirname(execPath), '../lib/node_modules/npm/bin/npm-cli.js'),
    join(dirname(execPath), 'node_modules/npm/bin/npm-cli.js'),
  ];
  const found = beside.find((file) => existsSync(file));
  if (found) return [execPath, found];
  for (const dir of path.split(delimiter).filter(Boolean)) {
    const windows = join(dir, 'node_modules/npm/bin/npm-cli.js');
    if (existsSync(windows)) return [execPath, windows];
    const program = join(dir, 'npm');
    if (!existsSync(program)) continue;
    const real = realpathSync(program);
    return real.endsWith('npm-cli.js') ? [execPath, real] : [program];
  }
  return null;
}
