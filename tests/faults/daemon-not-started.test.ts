import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { need } from '../support/need.ts';
import { startSshd } from '../support/sshd.ts';
import { installOn, loginTo, standInDaemon } from '../support/test-device.ts';

describe.skipIf(!need('sshd', 'ssh'))('a daemon that ends as soon as it starts', { timeout: 90_000 }, () => {
  it('is reported with its last words', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mst-'));
    const sshd = await startSshd();
    const connection = await loginTo(sshd);
    try {
      const broken = standInDaemon(
        dir,
        '1.0.0',
        'console.error("config.yaml: no such bus"); process.exit(4)',
      );
      await expect(installOn(connection, broken)).rejects.toMatchObject({
        code: 'DAEMON_NOT_STARTED',
        details: { reason: expect.stringContaining('config.yaml: no such bus') as string },
      });
    } finally {
      await connection.exec('sh "$MUSTER_PREFIX/opt/muster/muster-supervise.sh" stop');
      connection.close();
      await sshd.stop();
      rmSync(dir, { recursive: true });
    }
  });
});
