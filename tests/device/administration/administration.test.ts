/** What a person does to the tree of a running daemon, over its socket. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../device/config.ts';
import { socketPipe } from '../../../device/control/socket-pipe.ts';
import { startDaemon } from '../../../device/daemon.ts';
import type { Supervisor } from '../../../device/otp/supervisor.ts';
import { openMachine } from '../../../device/platform/machine.ts';
import { pathsOf } from '../../../device/platform/paths.ts';
import { deviceContract, PROTOCOL, type DeviceContract } from '../../../src/shared/device-contract.ts';
import { noLog } from '../../../src/shared/log.ts';
import { connectPeer, type Client } from '../../../src/shared/peer.ts';
import { until } from '../../support/until.ts';

let prefix: string;
let root: Supervisor;
let client: Client<DeviceContract>;

async function start(): Promise<void> {
  const paths = pathsOf(prefix);
  root = await startDaemon({
    paths,
    machine: openMachine(prefix),
    config: parseConfig(`
version: 1
sensors: [{ id: load, driver: load, periodMs: 20 }, { id: up, driver: uptime, periodMs: 20 }]
`),
    configProblem: null,
    entry: new URL('../../../device/main.ts', import.meta.url),
    announceOn: '127.0.0.1',
    log: noLog,
  });
  client = connectPeer(socketPipe(connect(paths.socket)), deviceContract);
  await client.call.hello({ protocol: PROTOCOL, client: 'test', clientVersion: '0' });
}
async function stop(): Promise<void> {
  client.close();
  root.shutdown();
  await root.exited;
}
beforeEach(async () => {
  prefix = mkdtempSync(join(tmpdir(), 'muster-admin-'));
  await start();
});
afterEach(async () => {
  await stop();
  rmSync(prefix, { recursive: true });
});

const sensor = async (id: string) => (await client.call.status({})).sensors.find((row) => row.sensor === id);
const rowOf = async (id: string) => (await client.call.tree({})).rows.find((row) => row.sensor === id);
const measures = (id: string) => until(async () => (await sensor(id))?.state === 'ok', `${id} measuring`);

describe('a sensor', () => {
  it('is taken out, stays out over a restart of the daemon, and is put back', async () => {
    await measures('load');
    await client.call.takeOut({ sensor: 'load' });
    const out = { state: 'stopped', takenOut: true };
    expect(await rowOf('load')).toMatchObject({ ...out, lastCause: 'taken out by a person' });
    expect(await sensor('load')).toMatchObject(out);
    await measures('up');

    await stop();
    await start();
    await measures('up');
    expect(await sensor('load')).toMatchObject({ ...out, lastError: 'taken out by a person' });
    expect(await rowOf('load')).toMatchObject(out);

    await client.call.putBack({ sensor: 'load' });
    await measures('load');
    expect(await rowOf('load')).toMatchObject({ state: 'running' });
    expect((await rowOf('load'))?.takenOut).toBeUndefined();
    expect(JSON.parse(readFileSync(pathsOf(prefix).takenOut, 'utf8'))).toEqual({ sensors: [] });
  });

  it('is restarted', async () => {
    await measures('load');
    const path = (await rowOf('load'))?.path ?? '';
    await client.call.restartBranch({ path });
    expect(await rowOf('load')).toMatchObject({ state: 'running', restarts: 1, restartsInWindow: 0 });
    await measures('load');
  });

  it('is not lost when the file of those taken out is garbage', async () => {
    await client.call.takeOut({ sensor: 'load' });
    await stop();
    writeFileSync(pathsOf(prefix).takenOut, '{"sensors":');
    await start();
    await measures('load');
    expect((await rowOf('load'))?.takenOut).toBeUndefined();
  });
});

describe('a branch', () => {
  it('is restarted with all below it', async () => {
    await measures('load');
    await client.call.takeOut({ sensor: 'up' });
    await client.call.restartBranch({ path: 'muster/sensors' });
    await measures('load');
    expect((await sensor('up'))?.takenOut).toBe(true);
    const { rows } = await client.call.tree({});
    expect(rows.find(({ path }) => path === 'muster/sensors')).toMatchObject({
      state: 'running',
      restarts: 1,
    });
  });

  it('may be the journal: readings go on in the same run', async () => {
    await measures('load');
    await client.call.restartBranch({ path: 'muster/journal' });
    const { rows } = await client.call.tree({});
    expect(rows.find(({ path }) => path === 'muster/journal')).toMatchObject({
      state: 'running',
      restarts: 1,
    });
    const { head } = await client.call.pull({ after: null, maxBytes: 1, waitMs: 0 });
    await until(async () => {
      const next = await client.call.pull({ after: head, maxBytes: 1000, waitMs: 1000 });
      return next.batches.some(({ run }) => run === 1);
    }, 'the next batch of the run');
  });
});

describe('refused is', () => {
  it.each([
    ['muster/sensors/nosuch', 'there is nothing at this path of the tree'],
    ['', 'there is nothing at this path of the tree'],
    ['muster', 'this is the whole daemon: restart its service on the device instead'],
    ['muster/control', 'this very call comes through it: restart the service on the device instead'],
  ])('to restart %j', async (path, reason) => {
    await expect(client.call.restartBranch({ path })).rejects.toMatchObject({
      code: 'REFUSED',
      details: { field: 'path', reason },
    });
  });

  it('what is so already, or is not known', async () => {
    const refused = (reason: string) => ({ code: 'REFUSED', details: { reason } });
    await measures('load');
    await expect(client.call.putBack({ sensor: 'load' })).rejects.toMatchObject(
      refused('it was not taken out'),
    );
    await expect(client.call.takeOut({ sensor: 'journal' })).rejects.toMatchObject(
      refused('no sensor of this name is configured'),
    );
    await client.call.takeOut({ sensor: 'load' });
    await expect(client.call.takeOut({ sensor: 'load' })).rejects.toMatchObject(
      refused('it was taken out before'),
    );
    const path = (await rowOf('load'))?.path ?? '';
    await expect(client.call.restartBranch({ path })).rejects.toMatchObject(
      refused('this sensor was taken out: put it back instead'),
    );
    await expect(client.call.leaveSafeMode({})).rejects.toMatchObject(refused('it is not in safe mode'));
  });
});
