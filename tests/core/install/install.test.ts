import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspect, locate } from '../../../src/core/install/inspect.ts';
import { daemonCommand } from '../../../src/core/install/layout.ts';
import { RUNTIME_PINS, RUNTIME_VERSION } from '../../../src/core/install/runtime-pin.ts';
import { uninstall } from '../../../src/core/install/uninstall.ts';
import type { SshConnection } from '../../../src/core/ssh/connection.ts';
import { ensureOwnKey } from '../../../src/core/ssh/own-key.ts';
import { InstallSite } from '../../support/install-site.ts';
import { need } from '../../support/need.ts';
import { startSshd, until, type TestSshd } from '../../support/sshd.ts';
import { installOn, loginTo, RUNTIME_CACHE, standInDaemon } from '../../support/test-device.ts';

describe.skipIf(!need('sshd', 'ssh'))("installing on Debian's OpenSSH server", { timeout: 90_000 }, () => {
  let site: InstallSite;
  let dir: string;
  let sshd: TestSshd;
  let connection: SshConnection;
  beforeEach(async () => {
    site = await InstallSite.open();
    ({ dir, sshd, connection } = site);
  });
  afterEach(() => site.close());
  const at = (path: string) => site.at(path);
  const read = (path: string) => site.read(path);

  it('finds what the device is, through its folder tree', async () => {
    mkdirSync(at('etc'), { recursive: true });
    mkdirSync(at('proc/device-tree'), { recursive: true });
    writeFileSync(at('etc/hostname'), 'greenhouse\n');
    writeFileSync(at('etc/os-release'), 'NAME="x"\nPRETTY_NAME="Raspberry Pi OS 13"\n');
    writeFileSync(at('proc/device-tree/model'), 'Raspberry Pi 4 Model B Rev 1.4\0');
    writeFileSync(at('proc/device-tree/serial-number'), '10000000abcdef01\0');
    const daemon = standInDaemon(dir);
    const { facts, plan, layout } = await inspect(connection, {
      daemon,
      runtimeCache: RUNTIME_CACHE,
      ownPublicLine: 'ssh-ed25519 AAAA muster',
      signingKey: null,
    });
    expect(facts).toMatchObject({
      hostname: 'greenhouse',
      system: 'Raspberry Pi OS 13',
      model: 'Raspberry Pi 4 Model B Rev 1.4',
      serial: '10000000abcdef01',
      arch: 'x64',
      init: 'script',
      privileged: 'root',
      prefix: sshd.prefix,
      installedVersion: null,
      sshPort: sshd.port,
    });
    expect(layout.socket).toBe(at('run/muster/muster.sock'));
    expect(plan.changes).toBe(true);
    expect(plan.needsSudoPassword).toBe(false);
    expect(plan.steps.map((step) => step.id).filter((id) => id !== 'fetch')).toEqual([
      'send-runtime',
      'send-daemon',
      'place',
      'service',
      'check',
      'access',
    ]);
    expect(readdirSync(sshd.prefix).sort()).toEqual(['etc', 'home', 'proc']);
    await expect(locate(connection)).rejects.toMatchObject({ code: 'NOT_INSTALLED' });
  });

  it('installs, is idle when all is well, upgrades into the other slot, and uninstalls without a trace', async () => {
    mkdirSync(at('var/lib'), { recursive: true });
    writeFileSync(at('home/.hushlogin'), '');
    const own = await ensureOwnKey(join(dir, 'config'));
    const authorized = at('home/.ssh/authorized_keys');
    mkdirSync(at('home/.ssh'));
    writeFileSync(authorized, 'ssh-rsa AAAA someone without a line end');
    const daemon = standInDaemon(dir);
    const first = await installOn(connection, daemon, { ownPublicLine: own.publicLine });

    expect(first.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(read('var/lib/muster/identity.json'))).toEqual({ id: first.id });
    expect(read('var/lib/muster/config.yaml')).toContain(`sshPort: ${sshd.port}`);
    expect(readlinkSync(at('opt/muster/current'))).toBe('slots/a');
    expect(JSON.parse(read('opt/muster/slots/a/manifest.json'))).toEqual({
      version: '1.0.0',
      sha256: daemon.sha256,
      runtime: RUNTIME_VERSION,
    });
    const node = readFileSync(at(`opt/muster/runtime/${RUNTIME_VERSION}/node`));
    expect(createHash('sha256').update(node).digest('hex')).toBe(RUNTIME_PINS.x64.sha256);
    expect(first.told.at(-1)?.map((step) => step.state)).toEqual(first.told.at(-1)?.map(() => 'done'));
    const sending = first.told.flat().filter((step) => step.id === 'send-runtime' && step.rate !== null);
    expect(sending.length).toBeGreaterThan(0);
    expect(existsSync(at('home/.muster-stage'))).toBe(false);
    expect(readFileSync(authorized, 'utf8')).toBe(
      `ssh-rsa AAAA someone without a line end\n${own.publicLine}\n`,
    );

    // The daemon outlives the connection that started it, and the laptop's own key opens the next one.
    connection = await site.logIn({ ownKey: own.privateKey, login: { user: sshd.user } });
    expect(connection.loggedInBy).toBe('own key');
    const layout = await locate(connection);
    expect(layout).toEqual(first.inspection.layout);
    const { stdout } = await connection.exec(daemonCommand(layout, 'version'));
    expect(JSON.parse(stdout)).toEqual({ version: '1.0.0' });
    const pipe = await connection.pipe(layout.socket, daemonCommand(layout, 'bridge'));
    const echo = new Promise<Uint8Array>((resolve) => pipe.onMessage(resolve));
    pipe.send(new Uint8Array([4, 2]));
    expect([...(await echo)]).toEqual([4, 2]);
    pipe.close();

    const again = await installOn(connection, daemon, { ownPublicLine: own.publicLine });
    expect(again.inspection.plan).toMatchObject({ changes: false, steps: [], uploadBytes: 0 });
    expect(again.id).toBe(first.id);

    const newer = standInDaemon(dir, '2.0.0');
    const upgraded = await installOn(connection, newer, { ownPublicLine: own.publicLine });
    expect(upgraded.inspection.facts.installedVersion).toBe('1.0.0');
    expect(upgraded.inspection.plan.steps.map((step) => step.id)).toEqual([
      'send-daemon',
      'place',
      'service',
      'check',
    ]);
    expect(upgraded.id).toBe(first.id);
    expect(readlinkSync(at('opt/muster/current'))).toBe('slots/b');
    expect(read('opt/muster/slots/a/manifest.json')).toContain('1.0.0');
    expect(read('var/lib/muster/daemon.log')).toContain('stand-in 2.0.0 listens');

    const { facts } = upgraded.inspection;
    await uninstall(connection, { facts, layout, sudoPassword: null, keepData: true, onSteps: () => {} });
    expect(readdirSync(at('var/lib/muster')).sort()).toEqual(['config.yaml', 'daemon.log', 'identity.json']);
    expect(existsSync(at('opt'))).toBe(false);
    expect(existsSync(at('run'))).toBe(false);
    expect(readFileSync(authorized, 'utf8')).toBe('ssh-rsa AAAA someone without a line end\n');
    await expect(
      uninstall(connection, { facts, layout, sudoPassword: null, keepData: true, onSteps: () => {} }),
    ).rejects.toMatchObject({ code: 'NOT_INSTALLED' });

    connection = await site.logIn();
    const third = await installOn(connection, daemon);
    expect(third.id).toBe(first.id);
    await uninstall(connection, { facts, layout, sudoPassword: null, keepData: false, onSteps: () => {} });
    expect(readdirSync(sshd.prefix).sort()).toEqual(['home', 'var']);
    expect(readdirSync(at('var/lib'))).toEqual([]);
    expect(readdirSync(at('home')).sort()).toEqual(['.hushlogin', '.ssh']);
  });

  it('restarts a daemon that dies, and stops it on demand', async () => {
    await installOn(connection, standInDaemon(dir));
    const supervise = at('opt/muster/muster-supervise.sh');
    const pids = async () =>
      (await connection.exec(`pgrep -f '^${at('opt/muster')}.*muster-daemon.mjs run'`)).stdout.trim();
    const before = await pids();
    expect(before).toMatch(/^\d+$/);
    await connection.exec(`kill -9 ${before}`);
    await until(async () => /^\d+$/.test(await pids()) && (await pids()) !== before, 'the daemon is back');
    expect(read('var/lib/muster/daemon.log')).toMatch(
      /the daemon ended \(exit 137\) after \d+ s, next start in 1 s/,
    );
    expect((await connection.exec(`sh ${supervise} status`)).stdout).toBe('running\n');
    const running = await pids();
    await connection.exec(`sh ${supervise} start; sh ${supervise} start`);
    expect(await pids()).toBe(running);
    await connection.exec(`sh ${supervise} stop`);
    expect(await pids()).toBe('');
    expect((await connection.exec(`sh ${supervise} status`)).stdout).toBe('stopped\n');
  });
});

describe.skipIf(!need('sshd', 'ssh'))('installing without root and without sudo', { timeout: 60_000 }, () => {
  it('goes into a folder of the home, and is found there again', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mst-'));
    const sshd = await startSshd({ withPrefix: false });
    sshd.fake('id', 'case "$1" in -u) echo 1000;; -un) echo pi;; -Gn) echo pi;; *) /usr/bin/id "$@";; esac');
    const connection = await loginTo(sshd);
    try {
      const { inspection } = await installOn(connection, standInDaemon(dir));
      expect(inspection.facts).toMatchObject({ privileged: 'none', init: 'script' });
      expect(inspection.plan.needsSudoPassword).toBe(false);
      expect(inspection.layout.prefix).toBe(join(sshd.home, '.muster'));
      const { facts, layout } = inspection;
      expect(await locate(connection)).toEqual(layout);
      await uninstall(connection, { facts, layout, sudoPassword: null, keepData: false, onSteps: () => {} });
      expect(readdirSync(sshd.home)).toEqual([]);
    } finally {
      connection.close();
      await sshd.stop();
      rmSync(dir, { recursive: true });
    }
  });
});
