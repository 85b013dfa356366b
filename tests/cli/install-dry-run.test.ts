/** `muster install --dry-run` in a process of its own: what it opened to look must not keep it from ending. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../src/core/real-clock.ts';
import { deviceProfile } from '../../src/demo/device-profile.ts';
import { startVirtualDevice, USER } from '../../src/demo/virtual-device.ts';
import { noLog } from '../../src/shared/log.ts';
import { newHome, runMuster } from '../support/run-muster.ts';

const folder = mkdtempSync(join(tmpdir(), 'mdr-'));
const home = newHome();
let device: Awaited<ReturnType<typeof startVirtualDevice>>;

beforeAll(async () => {
  device = await startVirtualDevice({
    profile: deviceProfile(0),
    folder: join(folder, 'd'),
    password: 'right',
    clock: realClock,
    log: noLog,
    onEvent: () => {},
  });
});

afterAll(async () => {
  await device.stop();
  rmSync(folder, { recursive: true, force: true });
  home.remove();
});

describe('muster install --dry-run', () => {
  it('shows the plan and ends', { timeout: 120_000 }, async () => {
    const args = [
      '--json',
      'install',
      `127.0.0.1:${device.port}`,
      '--user',
      USER,
      '--password-stdin',
      '--yes',
    ];
    const { code, stdout, stderr } = await runMuster([...args, '--dry-run'], home.env, 'right\n');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ dryRun: true, plan: { changes: true } });
  });
});
