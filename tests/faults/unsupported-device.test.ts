import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspect } from '../../src/core/install/inspect.ts';
import { need } from '../support/need.ts';
import { startSshd, type TestSshd } from '../support/sshd.ts';
import { loginTo, RUNTIME_CACHE, standInDaemon } from '../support/test-device.ts';

describe.skipIf(!need('sshd', 'ssh'))('a device Muster cannot run on', () => {
  let dir: string;
  let sshd: TestSshd;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mst-'));
    sshd = await startSshd();
  });
  afterEach(async () => {
    await sshd.stop();
    rmSync(dir, { recursive: true });
  });

  const look = async () => {
    const connection = await loginTo(sshd);
    try {
      const daemon = standInDaemon(dir);
      return await inspect(connection, {
        daemon,
        runtimeCache: RUNTIME_CACHE,
        ownPublicLine: null,
        signingKey: null,
      });
    } finally {
      connection.close();
    }
  };
  const uname = (machine: string, system = 'Linux') =>
    sshd.fake(
      'uname',
      `case "$1" in -m) echo ${machine};; -s) echo ${system};; *) /usr/bin/uname "$@";; esac`,
    );

  it.each(['armv6l', 'armv7l', 'riscv64'])(
    'names the architecture %s and changes nothing',
    async (machine) => {
      uname(machine);
      await expect(look()).rejects.toMatchObject({ code: 'ARCH_UNSUPPORTED', details: { found: machine } });
      expect(readdirSync(sshd.prefix)).toEqual(['home']);
    },
  );

  it('is not deceived by a 64-bit kernel under a 32-bit system', async () => {
    uname('aarch64');
    sshd.fake('getconf', 'if [ "$1" = LONG_BIT ]; then echo 32; else exit 1; fi');
    sshd.fake('dpkg', 'echo armhf');
    await expect(look()).rejects.toMatchObject({
      code: 'ARCH_UNSUPPORTED',
      details: { found: 'armhf system on a aarch64 kernel' },
    });
  });

  it('names another system, an old C library, a missing tool', async () => {
    uname('x86_64', 'FreeBSD');
    await expect(look()).rejects.toMatchObject({ code: 'SYSTEM_UNSUPPORTED' });
    uname('x86_64');
    sshd.fake('getconf', 'case "$1" in LONG_BIT) echo 64;; *) echo glibc 2.24;; esac');
    await expect(look()).rejects.toMatchObject({
      code: 'SYSTEM_UNSUPPORTED',
      details: { reason: 'the GNU C library 2.24 is older than 2.28' },
    });
  });

  it('recognises a device that has no shell at all', async () => {
    sshd.fake('sh', 'echo "** (SyntaxError) nofile:1"');
    await expect(look()).rejects.toMatchObject({ code: 'SYSTEM_UNSUPPORTED' });
  });
});
