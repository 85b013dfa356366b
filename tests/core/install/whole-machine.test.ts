import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placeScript } from '../../../src/core/install/place-script.ts';
import { nodeRuntime } from '../../../src/core/install/runtime.ts';
import { parseUndoList, undoScript } from '../../../src/core/install/undo-list.ts';
import { testKey } from '../../support/firmware.ts';
import { ADDONS } from '../../../src/shared/firmware.ts';
import { need } from '../../support/need.ts';
import { ASSETS, RUNTIME_CACHE, standInDaemon } from '../../support/test-device.ts';

/**
 * The privileged script with an empty prefix, as root of a machine whose folders are overlays in a mount namespace:
 * accounts, groups, the unit and the avahi service are real files there, and gone with the namespace.
 * Only systemctl is a stand-in: it starts the unit's ExecStart as the unit's user, as systemd would.
 */
const SYSTEMCTL = String.raw`#!/bin/sh
echo "$*" >>/run/systemctl.log
unit=/etc/systemd/system/muster.service
field() { sed -n "s/^$1=//p" $unit; }
case "$*" in
  'restart muster.service')
    [ -f /run/muster.pid ] && kill "$(cat /run/muster.pid)"
    mkdir -p "/run/$(field RuntimeDirectory)"
    chown muster:muster /run/muster
    umask "$(field UMask)"
    MUSTER_PREFIX= setsid setpriv --reuid "$(field User)" --regid "$(field Group)" --init-groups -- $(field ExecStart) >/run/muster.out 2>&1 </dev/null &
    echo $! >/run/muster.pid ;;
  'disable --now muster.service') kill "$(cat /run/muster.pid)"; rm /run/muster.pid ;;
esac
`;

const SIGNER = testKey();

const possible = need('mount', 'systemd') && process.platform === 'linux' && process.arch === 'x64';

describe.skipIf(!possible)('the privileged script on a whole machine', { timeout: 60_000 }, () => {
  let dir: string;
  let sections: Map<string, string>;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mst-'));
    const stage = join(dir, 'stage');
    const bin = join(dir, 'bin');
    for (const folder of [stage, bin]) mkdirSync(folder);
    writeFileSync(join(bin, 'systemctl'), SYSTEMCTL, { mode: 0o755 });
    const runtime = await nodeRuntime({ arch: 'x64', cacheDir: RUNTIME_CACHE });
    const daemon = standInDaemon(dir);
    copyFileSync(runtime.path, join(stage, 'runtime.gz'));
    copyFileSync(daemon.path, join(stage, 'daemon.mjs'));
    for (const asset of ['muster.service', 'muster-guard.sh', 'muster-supervise.sh'])
      copyFileSync(join(ASSETS, asset), join(stage, asset));
    for (const addon of ADDONS) copyFileSync(join(ASSETS, 'addons/x64', addon), join(stage, addon));
    writeFileSync(join(stage, 'config.yaml'), 'version: 1\n');
    writeFileSync(join(stage, 'muster-avahi.service'), '<txt-record>id=@ID@</txt-record>\n');
    const place = placeScript({
      prefix: '',
      stage,
      init: 'systemd',
      avahi: true,
      loginUser: 'technician',
      runtimeVersion: runtime.version,
      runtimeSha256: runtime.unpackedSha256,
      runtimeFile: 'runtime.gz',
      daemonVersion: daemon.version,
      daemonSha256: daemon.sha256,
      daemonFile: 'daemon.mjs',
      identity: '00000000-0000-4000-8000-000000000001',
      keyFile: '/home/technician/.ssh/authorized_keys',
      keyLine: `ssh-ed25519 ${'A'.repeat(68)} muster`,
      signingKey: JSON.stringify(SIGNER.publicKey),
    });
    writeFileSync(join(dir, 'place.sh'), place);
    sections = inMachine(`
      groupadd --system i2c; groupadd --system spi; useradd --create-home technician
      section placed; sh place.sh; sh place.sh
      section avahi; cat /etc/avahi/services/muster.service
      section user; id -Gn muster; id -Gn technician
      section files; stat -c '%U:%G %a %n' /var/lib/muster /var/lib/muster/identity.json /run/muster/muster.sock /opt/muster/current/muster-daemon.mjs
      section process; ps -o user= -p "$(cat /run/muster.pid)"
      section systemctl; cat /run/systemctl.log
      section analyze; systemd-analyze verify /etc/systemd/system/muster.service 2>&1; echo "exit $?"
      section technician; setpriv --reuid technician --regid technician --init-groups -- /opt/muster/runtime/current/node -e 'require("net").connect("/run/muster/muster.sock").on("connect", () => { console.log("let in"); process.exit(); }).on("error", (e) => console.log(e.message))'
      section nobody; setpriv --reuid 65534 --clear-groups -- /opt/muster/runtime/current/node -e 'require("net").connect("/run/muster/muster.sock").on("connect", () => process.exit()).on("error", (e) => console.log(e.code))'
      section firmware; setpriv --reuid muster --regid muster --init-groups -- sh -c '
        cd /opt/muster
        ln -s slots/factory current.next && mv -T current.next current && readlink current
        ln slots/a/node blobs/one && rm blobs/one && echo linked
        mkdir slots/b firmware/x && rmdir slots/b firmware/x && echo written
        ln -s slots/a current.next && mv -T current.next current
        for file in muster-guard.sh undo.json runtime; do
          rm -rf $file; mv $file x; echo x >>$file; ln -sfn slots/a/node $file
        done' 2>/dev/null
      section kept; stat -c '%U %F %n' /opt/muster/muster-guard.sh /opt/muster/undo.json /opt/muster/runtime; cmp /opt/muster/muster-guard.sh ${join(ASSETS, 'muster-guard.sh')} && echo same
      section trust; stat -c '%U %a' /var/lib/muster/trust.json; cat /var/lib/muster/trust.json
      section undo; cp /opt/muster/undo.json ${join(dir, 'undo.json')}; cat /opt/muster/undo.json
    `);
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  /** Runs `body` with overlays in place of the machine's folders; output after `section X` is kept under X. */
  function inMachine(body: string): Map<string, string> {
    const script = `
      set -u
      cd ${dir}
      o=$(mktemp -d); mount -t tmpfs tmpfs $o
      for folder in etc opt home run var; do
        mkdir -p $o/$folder/upper $o/$folder/work
        mount -t overlay overlay -o lowerdir=/$folder,upperdir=$o/$folder/upper,workdir=$o/$folder/work /$folder
      done
      PATH=${join(dir, 'bin')}:$PATH
      section() { echo "== $1"; }
      ${body}
      [ -f /run/muster.pid ] && kill "$(cat /run/muster.pid)"
      true`;
    const output = execFileSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], {
      encoding: 'utf8',
      // A TMPDIR of its own: /tmp itself stays the machine's, so that the test reads the results.
      env: { ...process.env, TMPDIR: dir, LC_ALL: 'C' },
    });
    const parts = output.split(/^== (\w+)\n/m).slice(1);
    return new Map(parts.flatMap((name, i) => (i % 2 === 0 ? [[name, parts[i + 1] ?? '']] : [])));
  }

  it('runs through twice, and keeps the id', () => {
    const placed = sections.get('placed') ?? '';
    expect(placed.match(/^@end$/gm)).toHaveLength(2);
    expect(placed.match(/^@id 00000000-0000-4000-8000-000000000001$/gm)).toHaveLength(2);
    for (const step of ['place', 'account', 'announce', 'service', 'check'])
      expect(placed).toContain(`@step ${step}\n`);
  });

  it('announces the id the device has', () => {
    expect(sections.get('avahi')).toBe('<txt-record>id=00000000-0000-4000-8000-000000000001</txt-record>\n');
  });

  it('gives the daemon an account of its own, in the groups of the buses that exist', () => {
    const [muster, technician] = (sections.get('user') ?? '').split('\n');
    expect(muster?.split(' ').sort()).toEqual(expect.arrayContaining(['dialout', 'i2c', 'muster', 'spi']));
    expect(muster).not.toContain('gpio');
    expect(technician?.split(' ')).toContain('muster');
    expect(sections.get('process')?.trim()).toBe('muster');
    expect(sections.get('files')).toBe(
      [
        'muster:muster 750 /var/lib/muster',
        'muster:muster 644 /var/lib/muster/identity.json',
        'muster:muster 770 /run/muster/muster.sock',
        'muster:muster 644 /opt/muster/current/muster-daemon.mjs',
        '',
      ].join('\n'),
    );
  });

  it('lets the daemon change slots, blobs and the link, and nothing that root starts or reads', () => {
    expect(sections.get('firmware')).toBe('slots/factory\nlinked\nwritten\n');
    expect(sections.get('kept')).toBe(
      [
        'root regular file /opt/muster/muster-guard.sh',
        'root regular file /opt/muster/undo.json',
        'root directory /opt/muster/runtime',
        'same',
        '',
      ].join('\n'),
    );
  });

  it('leaves a signing key where the daemon can change it', () => {
    const [owner, text = ''] = (sections.get('trust') ?? '').split('\n');
    expect(owner).toBe('muster 644');
    expect(JSON.parse(text)).toEqual({ keys: [SIGNER.publicKey], revoked: [] });
  });

  it('lets the login user reach the socket and nobody else', () => {
    expect(sections.get('technician')).toBe('let in\n');
    expect(sections.get('nobody')).toBe('EACCES\n');
  });

  it('enables and starts a unit that systemd finds no fault with', () => {
    expect(sections.get('systemctl')).toContain(
      'daemon-reload\nenable muster.service\nrestart muster.service\n',
    );
    expect(sections.get('analyze')).toBe('exit 0\n');
  });

  it('is undone without a trace', () => {
    const entries = parseUndoList(readFileSync(join(dir, 'undo.json'), 'utf8'), '');
    expect(entries.map((entry) => entry.kind)).toEqual([
      'tree',
      'data',
      'tree',
      'line',
      'group',
      'user',
      'member',
      'file',
      'service',
      'file',
    ]);
    writeFileSync(join(dir, 'undo.sh'), undoScript(entries, '', false));
    const after = inMachine(`
      groupadd --system i2c; useradd --create-home technician
      list() { find /etc /opt /home /run /var/lib -xdev \\( -name '*-' -o -name systemctl.log -o -name muster.out \\) -prune -o -print | sort; cat /etc/passwd /etc/group; }
      list >before
      sh place.sh >/dev/null
      section undone; sh undo.sh; sh undo.sh
      section left; list >after; diff before after && echo same
    `);
    expect(after.get('undone')).toBe('@begin\n@end\n@begin\n@end\n');
    expect(after.get('left')).toBe('same\n');
  });
});
