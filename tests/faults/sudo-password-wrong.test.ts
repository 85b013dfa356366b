import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspect } from '../../src/core/install/inspect.ts';
import { install } from '../../src/core/install/install.ts';
import { runPrivileged } from '../../src/core/install/privileged.ts';
import type { SshConnection } from '../../src/core/ssh/connection.ts';
import { errorToWire } from '../../src/shared/errors.ts';
import { need } from '../support/need.ts';
import { startSshd, type TestSshd } from '../support/sshd.ts';
import { ASSETS, loginTo, RUNTIME_CACHE, standInDaemon } from '../support/test-device.ts';

/** Behaves as sudo 1.9 does with -n and -S, writes down its arguments, and runs the command only if let. */
const fakeSudo = (log: string) => `
printf '%s\\n' "$*" >>${log}
ask=no; never=no
while [ $# -gt 0 ]; do
  case $1 in -k) ;; -n) never=yes ;; -S) ask=yes ;; -p) shift ;; --) shift; break ;; *) break ;; esac
  shift
done
if [ $never = yes ]; then echo 'sudo: a password is required' >&2; exit 1; fi
read -r given || { echo 'sudo: no password was provided' >&2; exit 1; }
if [ "$given" != right ]; then echo 'Sorry, try again.' >&2; echo 'sudo: 1 incorrect password attempt' >&2; exit 1; fi
exec "$@"`;

describe.skipIf(!need('sshd', 'ssh'))('a device whose sudo asks for a password', () => {
  let dir: string;
  let sshd: TestSshd;
  let connection: SshConnection;
  let log: string;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mst-'));
    log = join(dir, 'sudo.log');
    sshd = await startSshd({ withPrefix: false });
    sshd.fake('sudo', fakeSudo(log));
    sshd.fake(
      'id',
      'case "$1" in -u) echo 1000;; -un) echo pi;; -Gn) echo pi adm sudo;; *) /usr/bin/id "$@";; esac',
    );
    connection = await loginTo(sshd);
  });
  afterEach(async () => {
    connection.close();
    await sshd.stop();
    rmSync(dir, { recursive: true });
  });

  const inspected = () =>
    inspect(connection, {
      daemon: standInDaemon(dir),
      runtimeCache: RUNTIME_CACHE,
      ownPublicLine: null,
      signingKey: null,
    });
  const attempt = async (sudoPassword: string | null) =>
    install(connection, {
      inspection: await inspected(),
      daemon: standInDaemon(dir),
      runtimeCache: RUNTIME_CACHE,
      assetsDir: ASSETS,
      ownPublicLine: null,
      signingKey: null,
      sudoPassword,
      onSteps: () => {},
    }).then(() => null, errorToWire);

  it('is found out by looking, and the plan says that a password is needed', async () => {
    const { facts, plan, layout } = await inspected();
    expect(facts.privileged).toBe('sudo-password');
    expect(plan.needsSudoPassword).toBe(true);
    expect(plan.steps.map((step) => step.id)).toContain('account');
    expect(layout.opt).toBe('/opt/muster');
  });

  it('is told apart: no password, a wrong one; nothing was sent, and the password is nowhere', async () => {
    expect(await attempt(null)).toMatchObject({ code: 'SUDO_PASSWORD_NEEDED' });
    const wrong = await attempt('hunter2-wrong');
    expect(wrong).toMatchObject({ code: 'SUDO_PASSWORD_WRONG' });
    expect(existsSync(join(sshd.home, '.muster-stage'))).toBe(false);
    const kept = [JSON.stringify(wrong), readFileSync(log, 'utf8'), sshd.log()].join('\n');
    expect(kept).not.toContain('hunter2');
  });

  it('runs a script with the right one, which the script cannot read', async () => {
    const script = join(dir, 'script.sh');
    writeFileSync(script, 'echo @begin\necho "@saw $(cat)."\nexit_code=0\necho @end\n');
    const reports: string[] = [];
    const run = (sudoPassword: string | null) =>
      runPrivileged(connection, {
        script,
        privileged: 'sudo-password',
        sudoPassword,
        onReport: (words) => reports.push(words.join(' ')),
      });
    await run('right');
    expect(reports).toEqual(['saw .']);
    expect(readFileSync(log, 'utf8')).not.toContain('right');
    await expect(run('wrong')).rejects.toMatchObject({ code: 'SUDO_PASSWORD_WRONG' });
    await expect(run(null)).rejects.toMatchObject({ code: 'SUDO_PASSWORD_NEEDED' });
  });

  it('reports what the script failed with', async () => {
    const script = join(dir, 'script.sh');
    const failing = async (body: string) => {
      writeFileSync(script, `echo @begin\n${body}\n`);
      return runPrivileged(connection, {
        script,
        privileged: 'none',
        sudoPassword: null,
        onReport: () => {},
      }).then(() => null, errorToWire);
    };
    expect(await failing('echo @fail DEVICE_BUSY; echo held >&2; exit 1')).toMatchObject({
      code: 'DEVICE_BUSY',
      details: { reason: 'held' },
    });
    expect(await failing('echo "cp: No space left on device" >&2; exit 1')).toMatchObject({
      code: 'DISK_FULL',
    });
    expect(await failing('echo @fail NONSENSE; exit 1')).toMatchObject({ code: 'INSTALL_STEP_FAILED' });
    // A script that ends early without a word has not done its work.
    expect(await failing('exit 0')).toMatchObject({ code: 'INSTALL_STEP_FAILED' });
  });
});
