/** What really reaches a service manager: the daemon's process, systemd-notify, and a datagram socket. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceNotify } from '../../../device/service/notify.ts';
import { noLog } from '../../../src/shared/log.ts';
import { TestPrefix } from '../../support/daemon-process.ts';
import { need } from '../../support/need.ts';
import { until } from '../../support/until.ts';

/** Node has no datagram unix sockets; perl is part of Debian. Prints each message on a line, its lines joined by a space. */
const RECEIVER = String.raw`
use IO::Socket::UNIX; use Socket; $| = 1;
my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die "$!";
while (defined $socket->recv(my $message, 4096)) { $message =~ s/\n+/ /g; print "$message\n"; }
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-notify-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('systemd-notify', () => {
  const log = () => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '');

  it('is called with what is told, and never waits for the manager', async () => {
    writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\nprintf '%s|' "$@" >>${folder}/log\n`, {
      mode: 0o755,
    });
    const env = { PATH: `${folder}:${process.env['PATH']}`, NOTIFY_SOCKET: '/nowhere' };
    serviceNotify(env, noLog)?.('READY=1', 'STATUS=it is; $(well)');
    await until(() => log() !== '', 'the call');
    expect(log()).toBe('--no-block|READY=1|STATUS=it is; $(well)|');
  });

  it.each([
    ['is not there', null],
    ['fails', '#!/bin/sh\nexit 1\n'],
  ])('costs one line of log when it %s', async (_, script) => {
    if (script) writeFileSync(join(folder, 'systemd-notify'), script, { mode: 0o755 });
    const said: string[] = [];
    const notify = serviceNotify({ PATH: folder, NOTIFY_SOCKET: '/nowhere' }, (level) => said.push(level));
    notify?.('READY=1');
    await until(() => said.length > 0, 'the complaint');
    notify?.('READY=1');
    await new Promise((resolve) => setImmediate(resolve));
    expect(said).toEqual(['warn']);
  });
});

describe.skipIf(!need('systemd'))('a daemon under a service manager', { timeout: 60_000 }, () => {
  let receiver: ChildProcess;
  let heard = '';
  const socket = () => join(folder, 'notify');
  beforeEach(async () => {
    heard = '';
    receiver = spawn('perl', ['-e', RECEIVER, socket()], { stdio: ['ignore', 'pipe', 'inherit'] });
    receiver.stdout?.on('data', (data: Buffer) => (heard += data.toString()));
    await until(() => existsSync(socket()), 'the receiver');
  });
  afterEach(() => {
    receiver.kill();
  });

  it('says that it is ready, feeds the watchdog, tells how it does and that it stops', async () => {
    const prefix = new TestPrefix({ NOTIFY_SOCKET: socket(), WATCHDOG_USEC: '3000000' });
    try {
      prefix.config('version: 1\nsensors: [{ id: load, driver: load, periodMs: 50 }]\n');
      const daemon = await prefix.run();
      const fed = () => heard.match(/READY=1 WATCHDOG=1 STATUS=1 of 1 sensors measure/g)?.length ?? 0;
      await until(() => fed() >= 2, 'two feedings');
      const client = await prefix.connect();
      const { rows } = await client.call.tree({});
      expect(rows.find(({ path }) => path === 'muster/service')?.state).toBe('running');
      client.close();
      daemon.process.kill('SIGTERM');
      expect(await daemon.ended).toBe(0);
      await until(() => heard.trimEnd().endsWith('STOPPING=1'), 'the last word');
    } finally {
      await prefix.remove();
    }
  });
});
