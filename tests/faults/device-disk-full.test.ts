import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspect, look } from '../../src/core/install/inspect.ts';
import { install } from '../../src/core/install/install.ts';
import { uninstall } from '../../src/core/install/uninstall.ts';
import type { SshConnection } from '../../src/core/ssh/connection.ts';
import type { Step } from '../../src/shared/engine-contract.ts';
import { need } from '../support/need.ts';
import { startSshd, type TestSshd } from '../support/sshd.ts';
import { ASSETS, installOn, loginTo, RUNTIME_CACHE, standInDaemon } from '../support/test-device.ts';

const MB = 1_000_000;

describe.skipIf(!need('sshd', 'ssh', 'mount'))('a device whose disk is full', { timeout: 90_000 }, () => {
  let dir: string;
  let sshd: TestSshd;
  let connection: SshConnection;
  let mounted: string[];
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mst-'));
    mounted = [];
    sshd = await startSshd();
    connection = await loginTo(sshd);
  });
  afterEach(async () => {
    await connection.exec('sh "$MUSTER_PREFIX/opt/muster/muster-supervise.sh" stop');
    connection.close();
    for (const path of mounted) execFileSync('umount', ['-l', path]);
    await sshd.stop();
    rmSync(dir, { recursive: true });
  });

  const mount = (path: string, bytes: number) => {
    mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path]);
    mounted.push(path);
  };
  const inspected = () =>
    inspect(connection, {
      daemon: standInDaemon(dir),
      runtimeCache: RUNTIME_CACHE,
      ownPublicLine: null,
      signingKey: null,
    });
  const carryOut = async (fill: () => void) => {
    const inspection = await inspected();
    fill();
    let rows: Step[] = [];
    const work = install(connection, {
      inspection,
      daemon: standInDaemon(dir),
      runtimeCache: RUNTIME_CACHE,
      assetsDir: ASSETS,
      ownPublicLine: null,
      signingKey: null,
      sudoPassword: null,
      onSteps: (steps) => {
        rows = steps;
      },
    });
    await expect(work).rejects.toMatchObject({ code: 'DISK_FULL' });
    return rows.find((row) => row.state === 'failed')?.id;
  };
  /** Takes all but `left` bytes of the file system at `path`. */
  const fill = (path: string, left: number) => {
    const { bavail, bsize } = statfsSync(path);
    writeFileSync(join(path, 'ballast'), Buffer.alloc(bavail * bsize - left));
  };

  it('is told before anything is sent', async () => {
    mount(join(sshd.prefix, 'opt'), 50 * MB);
    await expect(inspected()).rejects.toMatchObject({
      code: 'DISK_FULL',
      details: { path: sshd.prefix, freeBytes: expect.closeTo(50 * MB, -6) as number },
    });
  });

  it('is told when it fills up while files are sent, and the same call works once there is room', async () => {
    mount(sshd.home, 60 * MB);
    expect(await carryOut(() => fill(sshd.home, 5 * MB))).toBe('send-runtime');
    rmSync(join(sshd.home, 'ballast'));
    const { id } = await installOn(connection, standInDaemon(dir));
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is told when it fills up while files are put in place', async () => {
    mount(join(sshd.prefix, 'opt'), 200 * MB);
    expect(await carryOut(() => fill(join(sshd.prefix, 'opt'), 20 * MB))).toBe('place');
    rmSync(join(sshd.prefix, 'opt/ballast'));
    const { id } = await installOn(connection, standInDaemon(dir));
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('can still be rid of Muster', async () => {
    mount(join(sshd.prefix, 'opt'), 200 * MB);
    await installOn(connection, standInDaemon(dir));
    fill(join(sshd.prefix, 'opt'), 0);
    await expect(
      inspect(connection, {
        daemon: standInDaemon(dir, '2.0.0'),
        runtimeCache: RUNTIME_CACHE,
        ownPublicLine: null,
        signingKey: null,
      }),
    ).rejects.toMatchObject({ code: 'DISK_FULL' });
    const { facts, layout } = await look(connection, { ownPublicLine: null, signingKey: null });
    await uninstall(connection, { facts, layout, sudoPassword: null, keepData: false, onSteps: () => {} });
    expect(readdirSync(join(sshd.prefix, 'opt'))).toEqual(['ballast']);
  });
});
