import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { daemonCommand } from '../../src/core/install/layout.ts';
import { need } from '../support/need.ts';
import { startSshd, type SshdOptions, type TestSshd } from '../support/sshd.ts';
import { installOn, loginTo, standInDaemon } from '../support/test-device.ts';

describe.skipIf(!need('sshd', 'ssh'))('an SSH server that lacks', { timeout: 60_000 }, () => {
  let dir: string;
  let sshd: TestSshd;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'mst-'));
  });
  afterEach(async () => {
    await sshd.stop();
    rmSync(dir, { recursive: true });
  });
  const start = async (options: SshdOptions) => {
    sshd = await startSshd(options);
    return loginTo(sshd);
  };

  it('SFTP is named', async () => {
    const connection = await start({ sftp: false });
    await expect(installOn(connection, standInDaemon(dir))).rejects.toMatchObject({
      code: 'SFTP_UNAVAILABLE',
    });
    connection.close();
  });

  it('a working SFTP program is named too', async () => {
    const connection = await start({ sftp: false, config: ['Subsystem sftp /nowhere/sftp-server'] });
    await expect(connection.upload(new Uint8Array(1), `${sshd.home}/x`)).rejects.toMatchObject({
      code: 'SFTP_UNAVAILABLE',
    });
    connection.close();
  });

  it('streamlocal forwarding is reached over the bridge', async () => {
    const connection = await start({ config: ['AllowStreamLocalForwarding no'] });
    const { inspection } = await installOn(connection, standInDaemon(dir));
    const { layout } = inspection;
    const pipe = await connection.pipe(layout.socket, daemonCommand(layout, 'bridge'));
    const echo = new Promise<Uint8Array>((resolve) => pipe.onMessage(resolve));
    pipe.send(new Uint8Array(200_000).fill(3));
    expect(await echo).toEqual(new Uint8Array(200_000).fill(3));
    // Proof that it was the bridge: without one there is no way.
    const none = await connection.pipe(layout.socket, 'exit 127');
    expect(await new Promise((resolve) => none.onClose(resolve))).toMatchObject({ code: 'NOT_INSTALLED' });
    pipe.close();
    await connection.exec(`sh ${layout.opt}/muster-supervise.sh stop`);
    connection.close();
  });

  it('a daemon that runs, says so on either way', async () => {
    const connection = await start({ config: ['AllowStreamLocalForwarding no'] });
    const { inspection } = await installOn(connection, standInDaemon(dir));
    const { layout } = inspection;
    await connection.exec(`sh ${layout.opt}/muster-supervise.sh stop`);
    const pipe = await connection.pipe(layout.socket, daemonCommand(layout, 'bridge'));
    expect(await new Promise((resolve) => pipe.onClose(resolve))).toMatchObject({
      code: 'DAEMON_NOT_STARTED',
    });
    connection.close();
  });
});
