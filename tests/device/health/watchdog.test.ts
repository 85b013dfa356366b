import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hardwareWatchdog } from '../../../device/health/watchdog.ts';
import { openMachine } from '../../../device/platform/machine.ts';

let prefix: string;
beforeEach(() => {
  prefix = mkdtempSync(join(tmpdir(), 'muster-watchdog-'));
});
afterEach(() => rmSync(prefix, { recursive: true }));

describe('the hardware watchdog', () => {
  it.each([
    [{ state: 'active', timeout: '15', identity: 'Broadcom BCM2835 Watchdog timer' }, 'armed', 15],
    [{ state: 'inactive', timeout: '15', identity: 'Broadcom BCM2835 Watchdog timer' }, 'not-armed', 15],
    [{ identity: 'Broadcom BCM2835 Watchdog timer' }, 'unknown', null],
    [{ state: 'active', timeout: '', identity: 'Broadcom BCM2835 Watchdog timer' }, 'armed', null],
  ])('is read back from %j', (files, state, timeoutS) => {
    const folder = join(prefix, 'sys/class/watchdog/watchdog0');
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), `${text}\n`);
    expect(hardwareWatchdog(openMachine(prefix))).toEqual({ state, timeoutS, identity: files.identity });
  });

  it('is none where the board has none', () => {
    mkdirSync(join(prefix, 'sys/class/watchdog/watchdog0'), { recursive: true });
    expect(hardwareWatchdog(openMachine(prefix))).toEqual({ state: 'none', timeoutS: null, identity: null });
  });
});
