/** From a record to a connection, with what `~/.ssh/config` says of the host, against OpenSSH. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectDevice } from '../../../src/core/ssh/connect-device.ts';
import { ensureOwnKey } from '../../../src/core/ssh/own-key.ts';
import { noLog } from '../../../src/shared/log.ts';
import { bareDevice } from '../../support/fake-fleet.ts';
import { need } from '../../support/need.ts';
import { startSshd, type TestSshd } from '../../support/sshd.ts';

describe.skipIf(!need('sshd', 'ssh'))('a device that ~/.ssh/config knows', () => {
  let sshd: TestSshd;
  let home: string;

  beforeAll(async () => {
    sshd = await startSshd();
    home = mkdtempSync(join(tmpdir(), 'muster-home-'));
    vi.stubEnv('HOME', home);
    mkdirSync(join(home, '.ssh'));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await sshd.stop();
    rmSync(home, { recursive: true });
  });

  const connect = async () => {
    const { privateKey } = await ensureOwnKey(home);
    const at = { via: 'typed' as const, interface: null, lastSeen: 0 };
    return connectDevice(
      bareDevice('new-1', 'greenhouse', 0, { addresses: [{ host: 'greenhouse', port: 22, ...at }] }),
      { ownKey: privateKey, agent: undefined, login: { user: sshd.user }, confirmed: sshd.hostKeySha256 },
      { log: noLog },
    );
  };

  it('is reached by its short name, with the key named there', async () => {
    writeFileSync(
      join(home, '.ssh', 'config'),
      `Host greenhouse\n HostName 127.0.0.1\n Port ${sshd.port}\n IdentityFile ${sshd.keyPath}\n`,
    );
    const connection = await connect();
    expect(connection.loggedInBy).toBe('key file');
    connection.close();
  });

  it('is not let in where that key is missing: a password is asked for', async () => {
    writeFileSync(
      join(home, '.ssh', 'config'),
      `Host greenhouse\n HostName 127.0.0.1\n Port ${sshd.port}\n IdentityFile ~/none\n`,
    );
    await expect(connect()).rejects.toMatchObject({ code: 'AUTH_NEEDED' });
  });
});
