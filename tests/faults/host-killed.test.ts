/** A host that dies: by its driver's doing, which is named; by somebody's signal, for which nobody is; with its root. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { faultyConfig, Readings, treeRow } from '../support/faulty-process.ts';
import { startFaulty, type FaultyDaemon } from '../support/start-faulty.ts';
import { until } from '../support/until.ts';

const WELL = {
  one: [{ id: 'a', driver: 'well' }],
  two: [{ id: 'b', driver: 'well' }],
};

/** Process ids of a daemon's hosts, from the cells. */
function hostsOf({ prefix }: FaultyDaemon): Map<string, number> {
  const folder = join(prefix.path, 'run/muster/hosts');
  return new Map(
    readdirSync(folder).flatMap((name): [string, number][] => {
      const bytes = readFileSync(join(folder, name));
      return bytes.length === 8 ? [[name.replace('.cell', ''), bytes.readUInt32LE(4)]] : [];
    }),
  );
}

function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

it(
  'comes back after SIGKILL while the other bus misses nothing, and no sensor is blamed',
  { timeout: 60_000 },
  async () => {
    const here = await startFaulty(faultyConfig(WELL));
    const { client } = here;
    const readings = new Readings(client);
    for (let kill = 1; kill <= 3; kill++) {
      await until(() => hostsOf(here).has('one'), 'the host');
      const pid = hostsOf(here).get('one') ?? 0;
      process.kill(pid, 'SIGKILL');
      await until(
        async () => (await treeRow(client, 'muster/sensors/one'))?.restarts === kill,
        'the restart',
      );
      await until(
        async () => (await treeRow(client, 'muster/sensors/one/a'))?.state === 'running',
        'the sensor',
      );
    }
    expect((await treeRow(client, 'muster/sensors/one'))?.lastCause).toContain('was ended by SIGKILL');
    expect((await treeRow(client, 'muster/sensors/one/a'))?.lastCause).toBeNull();
    await readings.take();
    const b = readings.of('b');
    expect(b.length).toBeGreaterThanOrEqual(Math.round(((b.at(-1) ?? 0) - (b[0] ?? 0)) / 100));
  },
);

it('names the driver that ended the process', { timeout: 60_000 }, async () => {
  const { client } = await startFaulty(
    faultyConfig(
      { one: [{ id: 'quitter', driver: 'exits', options: { afterMs: 300 } }, ...WELL.one] },
      '{ retryMs: 3600000 }',
    ),
  );
  await until(
    async () => (await treeRow(client, 'muster/sensors/one/quitter'))?.state === 'gave-up',
    'the quarantine',
    30_000,
  );
  expect((await treeRow(client, 'muster/sensors/one/quitter'))?.lastCause).toBe(
    'quitter: the host ended with code 3 while its driver ran',
  );
  await until(
    async () => (await treeRow(client, 'muster/sensors/one/a'))?.state === 'running',
    'the neighbour',
  );
});

it('ends with its root', { timeout: 60_000 }, async () => {
  const here = await startFaulty(faultyConfig(WELL));
  const { daemon, client } = here;
  await until(() => hostsOf(here).size === 2, 'the hosts');
  const pids = [...hostsOf(here).values()];
  expect(pids.every(isAlive)).toBe(true);
  client.close();
  daemon.process.kill('SIGKILL');
  await until(() => !pids.some(isAlive), 'their end');
});

it('that loops when its root is killed is ended by the next daemon', { timeout: 60_000 }, async () => {
  const here = await startFaulty(
    faultyConfig(
      { one: [{ id: 'looper', driver: 'loops', options: { afterMs: 200 } }] },
      '{ allowanceMs: 60000 }',
    ),
  );
  const { prefix, daemon, client } = here;
  const pid = await new Promise<number>((resolve, reject) => {
    until(() => {
      const found = hostsOf(here).get('one') ?? 0;
      const bytes = readFileSync(join(prefix.path, 'run/muster/hosts/one.cell'));
      if (found === 0 || bytes.readUInt32LE(0) === 0) return false;
      resolve(found);
      return true;
    }, 'the loop').catch(reject);
  });
  client.close();
  daemon.process.kill('SIGKILL');
  await daemon.ended;
  expect(isAlive(pid)).toBe(true);
  prefix.config(faultyConfig(WELL));
  await prefix.run();
  await until(() => !isAlive(pid), 'its end');
});
