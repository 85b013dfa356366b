/** What the installer leaves for firmware: whole slots, a first installation that stays, whom to trust. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RUNTIME_VERSION } from '../../../src/core/install/runtime-pin.ts';
import type { SshConnection } from '../../../src/core/ssh/connection.ts';
import { testKey } from '../../support/firmware.ts';
import { InstallSite } from '../../support/install-site.ts';
import { need } from '../../support/need.ts';
import { ASSETS, installOn, standInDaemon } from '../../support/test-device.ts';

describe.skipIf(!need('sshd', 'ssh'))('an installation', { timeout: 120_000 }, () => {
  let site: InstallSite;
  let dir: string;
  let connection: SshConnection;
  beforeEach(async () => {
    site = await InstallSite.open();
    ({ dir, connection } = site);
  });
  afterEach(() => site.close());
  const at = (path: string) => site.at(path);
  const opt = (path: string) => at(`opt/muster/${path}`);
  const read = (path: string) => site.read(path);
  const inode = (path: string) => statSync(opt(path)).ino;

  it('makes slots that hold all they need, on one copy of the runtime, and never the first one again', async () => {
    const first = standInDaemon(dir);
    await installOn(connection, first);
    for (const slot of ['a', 'factory'])
      expect(readdirSync(opt(`slots/${slot}`)).toSorted()).toEqual([
        'addons',
        'manifest.json',
        'muster-daemon.mjs',
        'node',
      ]);
    const addon = readFileSync(join(ASSETS, 'addons', process.arch, 'i2c.node'));
    for (const slot of ['a', 'factory'])
      expect(readFileSync(opt(`slots/${slot}/addons/i2c.node`)).equals(addon)).toBe(true);
    const runtime = inode(`runtime/${RUNTIME_VERSION}/node`);
    expect([inode('slots/a/node'), inode('slots/factory/node')]).toEqual([runtime, runtime]);
    expect(readdirSync(opt('blobs'))).toHaveLength(2);
    expect(inode(`blobs/${first.sha256}`)).toBe(inode('slots/a/muster-daemon.mjs'));

    await installOn(connection, standInDaemon(dir, '2.0.0'));
    expect(readlinkSync(opt('current'))).toBe('slots/b');
    expect(inode('slots/b/node')).toBe(runtime);
    expect(read('opt/muster/slots/factory/manifest.json')).toContain('"version":"1.0.0"');
    expect(read('opt/muster/slots/b/manifest.json')).toContain('"version":"2.0.0"');
  });

  it('brings an older one up to this, though its daemon is the same', async () => {
    const daemon = standInDaemon(dir);
    const { id } = await installOn(connection, daemon);
    // as it was before there was firmware
    await connection.exec(`sh "$MUSTER_PREFIX/opt/muster/muster-supervise.sh" stop`);
    for (const path of ['slots/factory', 'slots/a/node', 'blobs', 'firmware', 'muster-guard.sh'])
      rmSync(opt(path), { recursive: true });
    const manifest = read('opt/muster/slots/a/manifest.json');
    writeFileSync(opt('slots/a/manifest.json'), manifest.replace(/,"runtime":"[^"]*"/, ''));
    const again = await installOn(connection, daemon);
    expect(again.inspection.plan.changes).toBe(true);
    expect(again.inspection.plan.uploadBytes).toBe(0);
    expect(again.id).toBe(id);
    expect(readlinkSync(opt('current'))).toBe('slots/b');
    for (const slot of ['b', 'factory']) expect(existsSync(opt(`slots/${slot}/node`))).toBe(true);
    expect((await installOn(connection, daemon)).inspection.plan.changes).toBe(false);
  });

  it('lets the device take firmware of this laptop, and keeps whom it knew and whom it withdrew', async () => {
    const [mine, other, withdrawn] = [testKey('mine'), testKey('other'), testKey('withdrawn')];
    const daemon = standInDaemon(dir);
    await installOn(connection, daemon, { signingKey: { ...mine.publicKey, own: true } as never });
    expect(JSON.parse(read('var/lib/muster/trust.json'))).toEqual({ keys: [mine.publicKey], revoked: [] });
    const settled = await installOn(connection, daemon, { signingKey: mine.publicKey });
    expect(settled.inspection.plan.changes).toBe(false);

    const revoked = [withdrawn.publicKey.id];
    writeFileSync(at('var/lib/muster/trust.json'), JSON.stringify({ keys: [other.publicKey], revoked }));
    const added = await installOn(connection, daemon, { signingKey: mine.publicKey });
    expect(added.inspection.plan.changes).toBe(true);
    await installOn(connection, standInDaemon(dir, '2.0.0'), { signingKey: withdrawn.publicKey });
    expect(JSON.parse(read('var/lib/muster/trust.json'))).toEqual({
      keys: [other.publicKey, mine.publicKey],
      revoked,
    });
  });

  it('takes the place of a version on trial', async () => {
    const daemon = standInDaemon(dir);
    await installOn(connection, daemon);
    mkdirSync(opt('slots/b'));
    for (const file of ['node', 'muster-daemon.mjs', 'manifest.json'])
      symlinkSync(opt(`slots/a/${file}`), opt(`slots/b/${file}`));
    writeFileSync(opt('firmware/trial'), 'b 2 300\n');
    await connection.exec(`sh "$MUSTER_PREFIX/opt/muster/muster-supervise.sh" restart`);
    await installOn(connection, standInDaemon(dir, '3.0.0'));
    expect(existsSync(opt('firmware/trial'))).toBe(false);
    expect(read('opt/muster/firmware/verdict')).toBe('b\na person installed another version over it\n');
    expect(readlinkSync(opt('current'))).toBe('slots/b');
    expect(statSync(opt('slots/b/node')).isFile()).toBe(true);
  });
});
