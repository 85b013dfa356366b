/**
 * `npm run check`: formatting, lint, types per room, unused code. Import arrows, file sizes and documents are
 * tests (tests/architecture) that run here as well. Every part runs to its end, so that one run tells everything.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { ROOT } from './build.ts';

const rooms = globSync('tsconfig.*.json', { cwd: ROOT }).filter((file) => file !== 'tsconfig.base.json');

const CHECKS: [name: string, command: string, ...args: string[]][] = [
  ['format', 'oxfmt', '--check', '.'],
  ['lint', 'oxlint', '--type-aware', '--tsconfig', 'tsconfig.json', '--deny-warnings'],
  ...rooms
    .toSorted()
    .map((file): [string, string, ...string[]] => [`types ${file.split('.')[1]}`, 'tsc', '-p', file]),
  ['unused', 'knip', '--no-progress'],
  ['architecture', 'vitest', 'run', '--config', 'src/build/vitest.config.ts', 'tests/architecture'],
];

function run(command: string, args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

let failed = 0;
for (const [name, command, ...args] of CHECKS) {
  const start = performance.now();
  const { code, output } = await run(command, args);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
  if (code !== 0) {
    failed++;
    process.stdout.write(`${output}\n`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
