/** A driver that throws in every read: it alone is left out; its host and its neighbours do not notice. */
import { expect, it } from 'vitest';
import { faultyConfig, Readings, sensorState, treeRow } from '../support/faulty-process.ts';
import { startFaulty } from '../support/start-faulty.ts';
import { until } from '../support/until.ts';

it('affects its own sensor only', { timeout: 60_000 }, async () => {
  const { client } = await startFaulty(
    faultyConfig({
      sick: [
        { id: 'thrower', driver: 'throws' },
        { id: 'neighbour', driver: 'well' },
      ],
    }),
  );
  await until(
    async () => ((await treeRow(client, 'muster/sensors/sick/thrower'))?.restarts ?? 0) >= 3,
    'restarts of the sensor',
    30_000,
  );
  expect((await treeRow(client, 'muster/sensors/sick/thrower'))?.lastCause).toBe('cannot read the moon');
  expect(await sensorState(client, 'thrower')).toMatchObject({
    state: 'failing',
    lastError: 'cannot read the moon',
  });
  expect(await treeRow(client, 'muster/sensors/sick')).toMatchObject({ state: 'running', restarts: 0 });
  const readings = new Readings(client);
  await readings.take();
  const times = readings.of('neighbour');
  expect(times.length).toBeGreaterThan(5);
  // one is due every 100 ms; none is left out
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  expect(times.length).toBeGreaterThanOrEqual(Math.round(span / 100));
});
