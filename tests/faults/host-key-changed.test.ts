import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectSsh } from '../../src/core/ssh/connection.ts';
import type { Verify } from '../../src/core/ssh/host-verifier.ts';
import { refuseHostKey } from '../../src/core/trust/host-key-decision.ts';
import { MusterError } from '../../src/shared/errors.ts';
import { need } from '../support/need.ts';
import { startPasswordServer, type PasswordServer } from '../support/password-server.ts';
import { startSshd, type TestSshd } from '../support/sshd.ts';
import { loginTo } from '../support/test-device.ts';

describe.skipIf(!need('sshd', 'ssh'))('a device whose host key changed', () => {
  let sshd: TestSshd;
  beforeEach(async () => {
    sshd = await startSshd();
  });
  afterEach(() => sshd.stop());

  it('is asked about once, trusted by its pin, and refused after it changed', async () => {
    const knowing =
      (pinned: string | null, confirmed: string | null): Verify =>
      (offered) =>
        refuseHostKey({ pinned, confirmed }, offered);
    const pinned = sshd.hostKeySha256;
    await expect(loginTo(sshd, { verify: knowing(null, null) })).rejects.toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      details: { sha256: pinned, type: 'ssh-ed25519' },
    });
    (await loginTo(sshd, { verify: knowing(null, pinned) })).close();
    (await loginTo(sshd, { verify: knowing(pinned, null), pinnedType: 'ssh-ed25519' })).close();

    await sshd.replaceHostKey();
    expect(sshd.hostKeySha256).not.toBe(pinned);
    // Confirming the new key does not replace the trust in the old one.
    for (const confirmed of [null, sshd.hostKeySha256])
      await expect(loginTo(sshd, { verify: knowing(pinned, confirmed) })).rejects.toMatchObject({
        code: 'HOST_KEY_CHANGED',
        details: { sha256: sshd.hostKeySha256, pinned },
      });
  });

  it('hears nothing of the login', async () => {
    const verify = () => new MusterError('HOST_KEY_CHANGED', 'no');
    await expect(loginTo(sshd, { verify })).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' });
    const first = sshd.log();
    expect(first).toContain('Connection from 127.0.0.1');
    expect(first).not.toContain(`${sshd.user} `);
    // The same look at the log does see a login that happened.
    (await loginTo(sshd)).close();
    expect(sshd.log()).toContain(`Accepted publickey for ${sshd.user} `);
  });
});

describe('a host key verifier', () => {
  let server: PasswordServer;
  beforeEach(async () => {
    server = await startPasswordServer({ password: 'secret' });
  });
  afterEach(() => server.stop());

  const connect = (verify: unknown) =>
    connectSsh({
      host: '127.0.0.1',
      port: server.port,
      login: { user: 'pi', password: 'secret' },
      verify: verify as Verify,
    });

  it.each([
    ['refuses', () => new MusterError('HOST_KEY_UNKNOWN', 'new'), 'HOST_KEY_UNKNOWN'],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
      'INTERNAL',
    ],
    ['answers later that all is well', async () => null, 'INTERNAL'],
    ['answers later that it is not', () => Promise.reject(new Error('changed')), 'INTERNAL'],
    ['answers true', () => true, 'INTERNAL'],
    ['answers nothing', () => undefined, 'INTERNAL'],
  ])('that %s lets nothing of the login out', async (_what, verify, code) => {
    await expect(connect(verify)).rejects.toMatchObject({ code });
    expect(server.requests).toEqual([]);
  });

  it('that answers null at once lets the login begin', async () => {
    (await connect(() => null)).close();
    expect(server.requests).toEqual(['none', 'password']);
  });
});
