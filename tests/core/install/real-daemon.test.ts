import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleDaemon } from '../../../src/build/daemon.ts';
import { locate } from '../../../src/core/install/inspect.ts';
import { daemonCommand } from '../../../src/core/install/layout.ts';
import { deviceContract, PROTOCOL } from '../../../src/shared/device-contract.ts';
import { connectPeer } from '../../../src/shared/peer.ts';
import { need } from '../../support/need.ts';
import { until } from '../../support/until.ts';
import { startSshd } from '../../support/sshd.ts';
import { installOn, loginTo } from '../../support/test-device.ts';

describe.skipIf(!need('sshd', 'ssh'))('the real daemon, installed over SSH', { timeout: 90_000 }, () => {
  it.each([
    ['forwarding', []],
    ['the bridge', ['AllowStreamLocalForwarding no']],
  ])('answers hello through %s with the identity the installer gave', async (_way, config) => {
    const dir = mkdtempSync(join(tmpdir(), 'mst-'));
    // Announcing would leave loopback.
    const sshd = await startSshd({ config, env: { MUSTER_ANNOUNCE_INTERFACE: '127.0.0.1' } });
    try {
      const connection = await loginTo(sshd);
      const { id } = await installOn(connection, await bundleDaemon(dir));
      const layout = await locate(connection);
      const peer = connectPeer(
        await connection.pipe(layout.socket, daemonCommand(layout, 'bridge')),
        deviceContract,
      );
      const hello = await peer.call.hello({ protocol: PROTOCOL, client: 'test', clientVersion: '0' });
      expect(hello.device.id).toBe(id);
      // its hosts may still be starting
      await until(async () => (await peer.call.status({})).sensors.length > 0, 'the sensors');
      peer.close();
      connection.close();
    } finally {
      const connection = await loginTo(sshd);
      await connection.exec('sh "$MUSTER_PREFIX/opt/muster/muster-supervise.sh" stop');
      connection.close();
      await sshd.stop();
      rmSync(dir, { recursive: true });
    }
  });
});
