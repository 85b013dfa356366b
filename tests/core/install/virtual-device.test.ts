import { mkdtempSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { locate } from '../../../src/core/install/inspect.ts';
import { uninstall } from '../../../src/core/install/uninstall.ts';
import { realClock } from '../../../src/core/real-clock.ts';
import { connectSsh } from '../../../src/core/ssh/connection.ts';
import { ensureOwnKey } from '../../../src/core/ssh/own-key.ts';
import { deviceProfile } from '../../../src/demo/device-profile.ts';
import { startVirtualDevice, USER } from '../../../src/demo/virtual-device.ts';
import { noLog } from '../../../src/shared/log.ts';
import { installOn, standInDaemon } from '../../support/test-device.ts';

describe("installing over another SSH server than OpenSSH's", { timeout: 60_000 }, () => {
  it('needs the password once, and leaves the device as it was', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mst-'));
    const device = await startVirtualDevice({
      profile: deviceProfile(0),
      folder: join(dir, 'd'),
      password: 'right',
      clock: realClock,
      log: noLog,
      onEvent: () => {},
    });
    const login = (more: { ownKey?: string; password?: string }) =>
      connectSsh({
        host: '127.0.0.1',
        port: device.port,
        login: { user: USER, ...(more.password === undefined ? {} : { password: more.password }) },
        ownKey: more.ownKey,
        verify: () => null,
      });
    try {
      const own = await ensureOwnKey(join(dir, 'config'));
      const first = await login({ password: 'right', ownKey: own.privateKey });
      expect(first.loggedInBy).toBe('password');
      const { id, inspection } = await installOn(first, standInDaemon(dir), {
        ownPublicLine: own.publicLine,
      });
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      first.close();

      const second = await login({ ownKey: own.privateKey });
      expect(second.loggedInBy).toBe('own key');
      const layout = await locate(second);
      expect(layout.prefix).toBe(join(dir, 'd'));
      const pipe = await second.pipe(layout.socket, 'false');
      const echo = new Promise<Uint8Array>((resolve) => pipe.onMessage(resolve));
      pipe.send(new Uint8Array(100_000).fill(1));
      expect((await echo).length).toBe(100_000);
      pipe.close();
      const { facts } = inspection;
      await uninstall(second, { facts, layout, sudoPassword: null, keepData: false, onSteps: () => {} });
      await expect(locate(second)).rejects.toMatchObject({ code: 'NOT_INSTALLED' });
      // the folder was made for our line alone
      expect(existsSync(join(inspection.facts.home, '.ssh'))).toBe(false);
      second.close();
    } finally {
      await device.stop();
      rmSync(dir, { recursive: true });
    }
  });
});
