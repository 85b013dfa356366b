/** The main job, end to end, as one command: what the README promises a newcomer. */
import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DemoResult } from '../../src/cli/headless-demo.ts';
import { newHome, runMuster } from '../support/run-muster.ts';

const home = newHome();
afterAll(home.remove);

describe('muster demo --headless', () => {
  it('discovers, installs, streams, survives a pulled cable and exports every reading once', async () => {
    const args = ['demo', '--headless', '--devices', '3', '--seconds', '10', '--json'];
    const { code, stdout, stderr } = await runMuster(args, home.env);
    expect(stderr).not.toMatch(/error/i);
    expect(stdout).toMatch(/^\{.*\}\n$/);
    const result = JSON.parse(stdout) as DemoResult;
    expect(result).toMatchObject({ devices: 3, discovered: 3, installed: 3, gaps: 0, duplicates: 0 });
    expect(result.reconnects).toBeGreaterThanOrEqual(1);
    expect(result.readings).toBeGreaterThan(3 * 10 * 5);
    expect(result.csvRows).toBe(result.readings);
    const [head, first] = readFileSync(result.csv, 'utf8').split(/\r?\n/);
    expect(head).toMatch(/^time_utc,time_local,epoch_ms,device/);
    expect(first).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,/);
    expect(code).toBe(0);
    rmSync(dirname(result.csv), { recursive: true });
  }, 180_000);
});
