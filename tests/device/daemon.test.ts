/** The daemon's tree in this process: what happens to the rest when one part of it dies. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../device/config.ts';
import { socketPipe } from '../../device/control/socket-pipe.ts';
import { startDaemon } from '../../device/daemon.ts';
import type { Supervisor } from '../../device/otp/supervisor.ts';
import { openMachine } from '../../device/platform/machine.ts';
import { pathsOf } from '../../device/platform/paths.ts';
import { deviceContract, PROTOCOL, type DeviceContract } from '../../src/shared/device-contract.ts';
import { noLog } from '../../src/shared/log.ts';
import { connectPeer, type Client } from '../../src/shared/peer.ts';
import type { Cursor } from '../../src/shared/reading.ts';
import { unpack } from '../support/daemon-process.ts';
import { until } from '../support/until.ts';

let prefix: string;
let root: Supervisor;
let client: Client<DeviceContract>;

beforeEach(async () => {
  prefix = mkdtempSync(join(tmpdir(), 'muster-tree-'));
  const paths = pathsOf(prefix);
  root = await startDaemon({
    paths,
    machine: openMachine(prefix),
    config: parseConfig(`
version: 1
journal: { flushMs: 20, idleFlushMs: 20 }
sensors: [{ id: load, driver: load, periodMs: 10 }, { id: up, driver: uptime, periodMs: 10 }]
`),
    configProblem: null,
    entry: new URL('../../device/main.ts', import.meta.url),
    announceOn: '127.0.0.1',
    log: noLog,
  });
  client = connectPeer(socketPipe(connect(paths.socket)), deviceContract);
  await client.call.hello({ protocol: PROTOCOL, client: 'test', clientVersion: '0' });
});
afterEach(async () => {
  client.close();
  root.shutdown();
  await root.exited;
  rmSync(prefix, { recursive: true });
});

function child(id: string) {
  const found = root.whichChildren().find((row) => row.id === id)?.child;
  if (!found) throw new Error(`no ${id}`);
  return found;
}

const restarts = (path: string) => root.rows().find((row) => row.path === path)?.restarts ?? -1;

describe('when a part of the daemon dies', () => {
  it('a dead journal thread costs no reading, no number and no connection', { timeout: 60_000 }, async () => {
    const times: number[] = [];
    let after: Cursor | null = null;
    let batches = 0;
    const pull = async (rows: number) => {
      for (const end = times.length + rows; times.length < end;) {
        const answer = await client.call
          .pull({ after, maxBytes: 100_000, waitMs: 1000 })
          // between the death and the restart
          .catch(() => ({ batches: [] }));
        for (const { run, batch, data } of answer.batches) {
          expect([run, batch]).toEqual([1, ++batches]);
          after = { run, batch };
          const { baseMs, channel, deltaUs } = unpack(data);
          for (let i = 0; i < channel.length; i++)
            if (channel[i] === 0) times.push(baseMs + (deltaUs[i] ?? 0) / 1000);
        }
      }
    };
    await pull(30);
    for (let kill = 1; kill <= 3; kill++) {
      child('journal').kill();
      await until(() => restarts('muster/journal') === kill, 'the restart');
      await pull(30);
    }
    expect(client.closed).toBe(false);
    expect(restarts('muster/control')).toBe(0);
    expect(restarts('muster/batcher')).toBe(0);
    // readings are due every 10 ms; the machine may be slow, but time never goes back and nothing is there twice
    for (const [i, at] of times.entries()) expect(at).toBeGreaterThan(times[i - 1] ?? -1);
  });

  it('dead sensors come back while the connection stays', async () => {
    child('sensors').kill();
    await until(() => restarts('muster/sensors') === 1, 'the restart');
    await until(
      async () => (await client.call.status({})).sensors.every(({ state }) => state === 'ok'),
      'both sensors',
    );
    const { rows } = await client.call.tree({});
    expect(rows.find(({ path }) => path === 'muster/sensors')).toMatchObject({
      state: 'running',
      restarts: 1,
      lastCause: 'killed',
    });
  });

  it('a dead control listens again on the same socket', async () => {
    child('control').kill();
    await until(() => client.closed, 'the cut');
    await until(() => restarts('muster/control') === 1, 'the restart');
    client = connectPeer(socketPipe(connect(pathsOf(prefix).socket)), deviceContract);
    const hello = await client.call.hello({ protocol: PROTOCOL, client: 'test', clientVersion: '0' });
    expect(hello.run).toBe(1);
  });
});
