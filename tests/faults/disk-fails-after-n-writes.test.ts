/**
 * The disk fails at the Nth write, sync or truncation of the journal, for every N of a life: once, for good until it is
 * repaired, and with half a write. After each the journal holds all that it promised and nothing else, also if the
 * power goes at that moment; on a repaired disk it goes on by itself.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { need } from '../support/need.ts';

const SUPPORT = new URL('../support', import.meta.url).pathname;

describe.skipIf(!need('gcc'))('a disk that fails after N writes', { timeout: 300_000 }, () => {
  it('takes nothing of what was promised, for every N', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-shim-'));
    const shim = join(folder, 'failing-disk.so');
    execFileSync('gcc', ['-O1', '-shared', '-fPIC', '-o', shim, join(SUPPORT, 'failing-disk.c'), '-ldl']);
    const control = join(folder, 'control');
    writeFileSync(control, new Uint8Array(Int32Array.of(-1, 0, 0, 0).buffer));
    const { stdout } = await promisify(execFile)(process.execPath, [join(SUPPORT, 'failing-disk-child.ts')], {
      env: { ...process.env, LD_PRELOAD: shim, FAULT_CONTROL: control },
    });
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; operations: number });
    expect(told).toHaveLength(6);
    // opening, a run, eight batches, a checkpoint: each of them many times over
    for (const { operations } of told) expect(operations).toBeGreaterThan(60);
    rmSync(folder, { recursive: true });
  });
});
