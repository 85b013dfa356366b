/** A driver that keeps 10 MB a second: its host is ended at its limit, the driver named and left out, neighbours go on. */
import { expect, it } from 'vitest';
import { faultyConfig, Readings, treeRow } from '../support/faulty-process.ts';
import { startFaulty } from '../support/start-faulty.ts';
import { until } from '../support/until.ts';

it('is named by the growth under its work', { timeout: 90_000 }, async () => {
  const { client, daemon } = await startFaulty(
    faultyConfig(
      {
        sick: [
          { id: 'before', driver: 'well' },
          { id: 'leaker', driver: 'leaks' },
          { id: 'neighbour', driver: 'well' },
        ],
        sound: [{ id: 'other', driver: 'well' }],
      },
      '{ memoryMb: 100, intensity: 0, retryMs: 3600000 }',
    ),
  );
  const path = 'muster/sensors/sick/leaker';
  await until(async () => (await treeRow(client, path))?.state === 'gave-up', 'the quarantine', 60_000);
  expect((await treeRow(client, path))?.lastCause).toMatch(
    /^leaker: the host took \d+ MB of 100 MB; \d+ % of the growth seen \(\d+ MB\) came while its driver ran/,
  );
  expect((await treeRow(client, 'muster/sensors/sick'))?.restarts).toBe(1);
  expect((await treeRow(client, 'muster/sensors/sound'))?.restarts).toBe(0);
  expect(daemon.said()).toContain('brought its host down too often');
  const readings = new Readings(client);
  await readings.take();
  const seen = readings.of('neighbour').length;
  await until(async () => {
    await readings.take();
    return readings.of('neighbour').length > seen + 5;
  }, 'the neighbour');
});
