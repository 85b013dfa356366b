/** Debian's OpenSSH server as a device to install on, a folder for what is made for it, and the way in. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SshConnection } from '../../src/core/ssh/connection.ts';
import { startSshd, type TestSshd } from './sshd.ts';
import { loginTo } from './test-device.ts';

export class InstallSite {
  readonly dir = mkdtempSync(join(tmpdir(), 'mst-'));
  readonly sshd: TestSshd;
  connection: SshConnection;

  private constructor(sshd: TestSshd, connection: SshConnection) {
    this.sshd = sshd;
    this.connection = connection;
  }

  static async open(): Promise<InstallSite> {
    const sshd = await startSshd();
    return new InstallSite(sshd, await loginTo(sshd));
  }

  /** Comes in anew, and by another way where one is given. */
  async logIn(how?: Parameters<typeof loginTo>[1]): Promise<SshConnection> {
    this.connection.close();
    this.connection = await loginTo(this.sshd, how);
    return this.connection;
  }

  /** A path of the device, and the text there. */
  at(path: string): string {
    return join(this.sshd.prefix, path);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  /** Stops what was installed, and the server. */
  async close(): Promise<void> {
    await this.connection.exec(`sh "$MUSTER_PREFIX/opt/muster/muster-supervise.sh" stop`);
    this.connection.close();
    await this.sshd.stop();
    rmSync(this.dir, { recursive: true });
  }
}
