/** The unit as systemd itself reads it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SILENT_MS } from '../../../device/service/watchdog-decision.ts';
import { need } from '../../support/need.ts';

const unit = readFileSync(new URL('../../../assets/muster.service', import.meta.url), 'utf8');
const field = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1];

describe('the unit', () => {
  it.skipIf(!need('systemd'))('has nothing that systemd complains about', () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-unit-'));
    const path = join(folder, 'muster.service');
    // the program is on devices only
    writeFileSync(path, unit.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'));
    const out = execFileSync('sh', ['-c', `systemd-analyze verify ${path} 2>&1`], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(out).toBe('');
  });

  it('never gives up, and restarts what hangs', () => {
    expect([field('Type'), field('NotifyAccess'), field('Restart')]).toEqual(['notify', 'all', 'always']);
    expect(field('StartLimitIntervalSec')).toBe('0');
    // a part may be silent for one feeding before systemd strikes
    expect(Number(field('WatchdogSec')) * 1000).toBeGreaterThanOrEqual(2 * SILENT_MS);
  });
});
