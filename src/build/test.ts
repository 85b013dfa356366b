/**
 * `npm test`: builds what the tests run, runs them all, and ends with one plain line: N passed, N failed, N skipped.
 * Arguments are handed to vitest (`npm test -- tests/device`). A skipped test is named, with what it wants.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, ensureBuilt } from './build.ts';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numFailedTestSuites: number;
  success: boolean;
  testResults: { name: string; assertionResults: { status: string; fullName: string }[] }[];
}

await ensureBuilt('daemon', 'renderer', 'demo', 'shell');
const folder = mkdtempSync(join(tmpdir(), 'muster-test-'));
const file = join(folder, 'report.json');
const args = ['run', '--config', 'src/build/vitest.config.ts', '--reporter=default', '--reporter=json'];
const child = spawn('vitest', [...args, `--outputFile.json=${file}`, ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
});
const code = await new Promise<number>((resolve) => {
  child.on('error', () => resolve(127));
  child.on('close', (status) => resolve(status ?? 1));
});

let report: Report | undefined;
try {
  report = JSON.parse(readFileSync(file, 'utf8')) as Report;
} catch {
  process.stdout.write('The tests ended without a report.\n');
}
rmSync(folder, { recursive: true, force: true });

const passed = report?.numPassedTests ?? 0;
const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
for (const { name, assertionResults } of report?.testResults ?? [])
  for (const test of assertionResults)
    if (test.status !== 'passed' && test.status !== 'failed')
      process.stdout.write(`skipped: ${name.slice(ROOT.length)} › ${test.fullName}\n`);
const failed = Math.max(report?.numFailedTests ?? 0, code === 0 ? 0 : 1);
const nothing = passed === 0;
const short = process.env['MUSTER_REQUIRE'] === 'all' && skipped > 0;
if (nothing) process.stdout.write('No test ran.\n');
if (short) process.stdout.write('MUSTER_REQUIRE=all: a skipped test counts as a failure.\n');
process.stdout.write(`${passed} passed, ${failed + (short ? skipped : 0)} failed, ${skipped} skipped\n`);
process.exitCode = code !== 0 || nothing || short ? 1 : 0;
