/** A driver that prints without end: the log keeps a few lines, control answers, and other buses miss nothing. */
import { expect, it } from 'vitest';
import { faultyConfig, Readings } from '../support/faulty-process.ts';
import { startFaulty } from '../support/start-faulty.ts';
import { until } from '../support/until.ts';

it('is kept short', { timeout: 60_000 }, async () => {
  const { client, daemon } = await startFaulty(
    faultyConfig({
      loud: [{ id: 'chatterer', driver: 'chatters', periodMs: 10 }],
      sound: [{ id: 'other', driver: 'well' }],
    }),
  );
  const readings = new Readings(client);
  const begun = performance.now();
  await until(async () => {
    await readings.take();
    return readings.of('other').length >= 20;
  }, 'twenty readings');
  const seconds = (performance.now() - begun) / 1000;
  const lines = daemon.said().split('all is well, all is well, all is well').length;
  expect(daemon.said()).toMatch(/\(and \d+ lines more\)/);
  expect(lines).toBeGreaterThan(20);
  // twenty in each tenth of a second, and what had come before
  expect(lines).toBeLessThan(300 * (seconds + 2));
  const times = readings.of('other');
  expect(times.length).toBeGreaterThanOrEqual(Math.round(((times.at(-1) ?? 0) - (times[0] ?? 0)) / 100));
});
