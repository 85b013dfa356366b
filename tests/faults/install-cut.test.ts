import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { uninstall } from '../../src/core/install/uninstall.ts';
import { parseUndoList } from '../../src/core/install/undo-list.ts';
import { ensureOwnKey } from '../../src/core/ssh/own-key.ts';
import { errorToWire } from '../../src/shared/errors.ts';
import type { Step } from '../../src/shared/engine-contract.ts';
import { need } from '../support/need.ts';
import { startSshd, until, type TestSshd } from '../support/sshd.ts';
import { installOn, loginTo, standInDaemon } from '../support/test-device.ts';

describe.skipIf(!need('sshd', 'ssh'))('an installation that is cut', { timeout: 120_000 }, () => {
  let dir: string;
  let sshd: TestSshd;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mst-'));
    sshd = await startSshd();
  });
  afterEach(async () => {
    const connection = await loginTo(sshd);
    await connection.exec('sh "$MUSTER_PREFIX/opt/muster/muster-supervise.sh" stop');
    connection.close();
    await sshd.stop();
    rmSync(dir, { recursive: true });
  });

  it('in the middle of the upload goes on from there', async () => {
    const first = await loginTo(sshd);
    let cutAt = 0;
    const cut = installOn(first, standInDaemon(dir), {
      onSteps(steps) {
        const sent = steps.find((step) => step.id === 'send-runtime')?.done ?? 0;
        if (sent > 20_000_000 && cutAt === 0) {
          cutAt = sent;
          sshd.cutConnections();
        }
      },
    });
    await expect(cut).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(cutAt).toBeGreaterThan(0);
    const second = await loginTo(sshd);
    const { told } = await installOn(second, standInDaemon(dir));
    const firstSent = told.flat().find((step) => step.id === 'send-runtime' && step.done !== null);
    expect(firstSent?.done).toBeGreaterThan(cutAt - 8_000_000);
    second.close();
  });

  it('at any step is completed by installing again, and leaves nothing after uninstalling', async () => {
    const own = await ensureOwnKey(join(dir, 'config'));
    const daemon = standInDaemon(dir);
    const cuts = ['send-daemon', 'place', 'service', 'check', 'access'];
    for (const step of cuts) {
      const connection = await loginTo(sshd);
      let cut = false;
      const work = installOn(connection, daemon, {
        ownPublicLine: own.publicLine,
        onSteps(steps: Step[]) {
          if (cut || !steps.some((row) => row.id === step && row.state === 'running')) return;
          cut = true;
          sshd.cutConnections();
        },
      });
      await expect(work).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    }
    const connection = await loginTo(sshd);
    const { inspection, id } = await installOn(connection, daemon, { ownPublicLine: own.publicLine });
    const undo = readFileSync(inspection.layout.undo, 'utf8');
    const entries = parseUndoList(undo, sshd.prefix);
    expect(new Set(entries.map((entry) => JSON.stringify(entry))).size).toBe(entries.length);
    expect(readFileSync(join(sshd.prefix, 'var/lib/muster/identity.json'), 'utf8')).toContain(id);
    const { facts, layout } = inspection;
    await uninstall(connection, { facts, layout, sudoPassword: null, keepData: false, onSteps: () => {} });
    expect(readdirSync(sshd.prefix)).toEqual(['home']);
    expect(existsSync(join(sshd.home, '.ssh'))).toBe(false);
    connection.close();
  });

  it('is refused while another one holds the device, and not held up by one that is gone', async () => {
    const lock = join(sshd.prefix, 'opt/muster/.installing');
    mkdirSync(lock, { recursive: true });
    const script = join(dir, 'place.sh');
    writeFileSync(script, 'read line');
    const other = spawn('sh', [script], { stdio: ['pipe', 'ignore', 'ignore'] });
    writeFileSync(join(lock, 'pid'), `${other.pid}\n`);
    const connection = await loginTo(sshd);
    await expect(installOn(connection, standInDaemon(dir))).rejects.toMatchObject({ code: 'DEVICE_BUSY' });
    other.kill();
    await once(other, 'close');
    await installOn(connection, standInDaemon(dir));
    connection.close();
  });

  it('is not held up by a lock whose number another program got since', async () => {
    const lock = join(sshd.prefix, 'opt/muster/.installing');
    mkdirSync(lock, { recursive: true });
    writeFileSync(join(lock, 'pid'), `${process.pid}\n`);
    const connection = await loginTo(sshd);
    await installOn(connection, standInDaemon(dir));
    expect(existsSync(lock)).toBe(false);
    connection.close();
  });

  it('is cancelled at once, within a step too', async () => {
    const connection = await loginTo(sshd);
    const abort = new AbortController();
    let rows: Step[] = [];
    const work = installOn(connection, standInDaemon(dir), {
      signal: abort.signal,
      onSteps(steps) {
        rows = steps;
        if ((steps.find((step) => step.id === 'send-runtime')?.done ?? 0) > 5_000_000) abort.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(rows.find((row) => row.state === 'failed')?.id).toBe('send-runtime');
    await installOn(connection, standInDaemon(dir));
    connection.close();
  });

  it('by a cable that is pulled is noticed within 10 s', async () => {
    const connection = await loginTo(sshd);
    const ended = new Promise((resolve) => connection.onClose(resolve));
    const work = connection.exec('sleep 60');
    const failure = work.then(() => null, errorToWire);
    await until(() => sshd.freezeConnections(), 'the connection to freeze');
    const start = performance.now();
    expect(await ended).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await failure).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(performance.now() - start).toBeLessThan(11_000);
    sshd.cutConnections();
  });
});
