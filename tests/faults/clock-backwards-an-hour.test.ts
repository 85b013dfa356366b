/** Fault: the device's clock goes back an hour, while it runs or while it is off. */
import { describe, expect, it } from 'vitest';
import { CLOCK_WORDS } from '../../src/core/archive/walk.ts';
import { ClockedDevice, linkTo } from '../support/clocked-device.ts';
import { EVERYTHING, readingsOf, tempArchive } from '../support/temp-archive.ts';
import { until } from '../support/until.ts';

const NOW = Date.UTC(2026, 4, 3, 12);
const HOUR = 3_600_000;

describe('clock backwards an hour', () => {
  it('while running: the run goes back as a whole, in order, and says so', { timeout: 60_000 }, async () => {
    const device = new ClockedDevice(NOW);
    await device.start();
    const archive = await tempArchive();
    let corrections = 0;
    linkTo(device, archive, { onNews: ({ corrected }) => (corrections += Number(corrected)) });
    await until(async () => (await readingsOf(archive)).length > 3, 'readings');
    const [channel] = await archive.channels(null);
    const one = { ...EVERYTHING, channels: [channel!.id] };
    const before = await readingsOf(archive, one);
    device.clock.setWall(device.clock.wall() - HOUR);
    await device.look();
    await until(() => corrections === 1, 'the correction');
    const after = await readingsOf(archive, one);
    expect(after.length).toBeGreaterThanOrEqual(before.length);
    for (const [i, { t, value }] of before.entries()) {
      expect(after[i]!.value).toBe(value);
      expect(after[i]!.t - t).toBeCloseTo(-HOUR, -2);
    }
    for (const [i, { t }] of after.entries()) expect(t).toBeGreaterThan(after[i - 1]?.t ?? 0);
    expect(device.said.join('\n')).toMatch(/warn wall time was set back/);
    const [event] = (await device.call.clock({})).events;
    expect(event!.after.offsetMs - event!.before.offsetMs).toBeCloseTo(-HOUR, -2);
  });

  it(
    'over a restart into another boot: the overlap is flagged, not sorted away',
    { timeout: 60_000 },
    async () => {
      const device = new ClockedDevice(NOW);
      await device.start();
      const archive = await tempArchive();
      const first = linkTo(device, archive);
      await until(async () => (await readingsOf(archive)).length > 300, 'readings of the first run');
      await first.stop();
      await device.stop();
      device.boot('boot-2');
      const [begin] = await readingsOf(archive);
      device.clock.setWall(device.clock.wall() - HOUR);
      await device.start();
      // it began in the middle of the first run: however slow this machine is, that moment is met exactly
      const { offsetMs, run } = await device.run();
      expect(run).toBe(2);
      await device.records();
      const started = (await device.call.clock({})).observations.at(-1)!.monotonicMs;
      device.clock.setWall(device.clock.wall() + (begin!.t + 500 - (offsetMs + started)));
      await device.look();
      const second = linkTo(device, archive);
      const [channel] = await archive.channels(null);
      const window = { from: NOW - HOUR, to: NOW + HOUR, pixels: 1_000_000 };
      const look = () => archive.spans([channel!.id], window);
      await until(async () => (await look()).some(({ overlaps }) => overlaps), 'the overlap');
      await second.stop();
      const spans = await look();
      const overlap = spans.find(({ overlaps }) => overlaps)!;
      expect(overlap.to).toBeGreaterThan(overlap.from);
      let flagged = 0;
      for await (const { t, clock } of archive.pieces(EVERYTHING))
        for (let i = 0; i < t.length; i++) {
          const inside = t[i]! >= overlap.from && t[i]! <= overlap.to;
          expect(CLOCK_WORDS[clock[i]!]).toBe(inside ? 'none+overlap' : 'none');
          flagged += Number(inside);
        }
      expect(flagged).toBeGreaterThan(1);
    },
  );

  it('over a restart in one boot: what a time service had set stands', { timeout: 60_000 }, async () => {
    const device = new ClockedDevice(NOW);
    device.synchronise(NOW);
    await device.start();
    const before = await device.run();
    await device.stop();
    device.clock.setWall(device.clock.wall() - HOUR);
    await device.start();
    const after = await device.run();
    expect(after).toMatchObject({ run: 2, clock: 'ntp', offsetMs: before.offsetMs });
    expect(device.said.join('\n')).toContain('another time, which is not taken');
  });
});
