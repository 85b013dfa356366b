/** Hosts as processes, threads and inline: the same readings, rows and states; memory only where a border is. */
import { expect, it } from 'vitest';
import { Readings, treeRow } from '../../support/faulty-process.ts';
import { startFaulty } from '../../support/start-faulty.ts';
import { until } from '../../support/until.ts';
import { processesOf } from '../../bench/process-tree.ts';

it.each([
  ['process', 3],
  ['thread', 1],
  ['inline', 1],
])('runs in mode %s', { timeout: 60_000 }, async (mode, processes) => {
  const { client, daemon } = await startFaulty(`
version: 1
hosts: { mode: ${mode} }
journal: { flushMs: 50, idleFlushMs: 50 }
buses:
  - { id: i2c-1, kind: sim, chips: [{ chip: tmp102, address: 0x48 }] }
sensors:
  - { id: air, driver: tmp102, bus: i2c-1, periodMs: 50 }
  - { id: load, driver: load, periodMs: 50 }
`);
  const readings = new Readings(client);
  await until(async () => {
    await readings.take();
    return readings.of('air').length > 10 && readings.of('load').length > 10;
  }, 'readings');
  expect(processesOf(daemon.process.pid ?? 0)).toHaveLength(processes);
  await until(
    async () => (await treeRow(client, 'muster/sensors/machine/load'))?.state === 'running',
    'rows',
  );
  expect(await treeRow(client, 'muster/sensors/i2c-1')).toMatchObject({
    kind: 'supervisor',
    state: 'running',
  });
  await client.call.takeOut({ sensor: 'air' });
  await until(
    async () => (await treeRow(client, 'muster/sensors/i2c-1/air'))?.state === 'stopped',
    'taking out',
  );
  await client.call.putBack({ sensor: 'air' });
  await until(
    async () => (await treeRow(client, 'muster/sensors/i2c-1/air'))?.state === 'running',
    'putting back',
  );
  daemon.process.kill('SIGTERM');
  expect(await daemon.ended).toBe(0);
});
