/** `npm run -s bench -- NAME [flags]`: runs one benchmark, which prints one line of JSON. Without a name: the names. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
// a benchmark is a script that prints JSON; what it works with stands beside it
const names = readdirSync(folder)
  .filter(
    (file) =>
      file !== 'run.ts' && /console\.log|stdout\.write/.test(readFileSync(join(folder, file), 'utf8')),
  )
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));

const [name = '', ...flags] = process.argv.slice(2);
if (names.includes(name)) {
  const child = spawn(process.execPath, [join(folder, `${name}.ts`), ...flags], { stdio: 'inherit' });
  child.on('close', (code) => {
    process.exitCode = code ?? 1;
  });
} else {
  process.stderr.write(`Which benchmark? One of: ${names.join(', ')}\n`);
  process.exitCode = 2;
}
