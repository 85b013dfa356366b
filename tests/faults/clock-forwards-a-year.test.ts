/** Fault: the device's clock jumps a year ahead while it records. */
import { describe, expect, it } from 'vitest';
import { ClockedDevice } from '../support/clocked-device.ts';

const NOW = Date.UTC(2026, 4, 3, 12);
const YEAR = 365 * 86_400_000;

describe('clock forwards a year', () => {
  it(
    'moves a run whose clock nobody had set, and keeps before, after and why',
    { timeout: 60_000 },
    async () => {
      const device = new ClockedDevice(NOW);
      await device.start();
      const before = await device.run();
      device.clock.setWall(device.clock.wall() + YEAR);
      await device.look();
      const after = await device.run();
      expect(after.offsetMs - before.offsetMs).toBeCloseTo(YEAR, -2);
      expect((await device.call.clock({})).events).toEqual([
        expect.objectContaining({
          run: 1,
          why: 'system-clock',
          before: { offsetMs: before.offsetMs, clock: 'none' },
          after: { offsetMs: after.offsetMs, clock: 'none' },
        }),
      ]);
    },
  );

  it('is not taken from a hand while a time service has set the clock', { timeout: 60_000 }, async () => {
    const device = new ClockedDevice(NOW);
    device.synchronise(NOW);
    await device.start();
    const before = await device.run();
    expect(before.clock).toBe('ntp');
    device.clock.setWall(device.clock.wall() + YEAR);
    await device.look();
    expect(await device.run()).toMatchObject({ offsetMs: before.offsetMs, clock: 'ntp' });
    // the service puts it right again
    device.synchronise(device.clock.wall() - YEAR);
    await device.look();
    const right = await device.run();
    expect(right.clock).toBe('ntp');
    expect(Math.abs(right.offsetMs - before.offsetMs)).toBeLessThan(200);
  });

  it('is taken from the time service itself, and said', { timeout: 60_000 }, async () => {
    const device = new ClockedDevice(NOW);
    device.synchronise(NOW);
    await device.start();
    const before = await device.run();
    device.synchronise(device.clock.wall() + YEAR);
    await device.look();
    const after = await device.run();
    expect(after.offsetMs - before.offsetMs).toBeCloseTo(YEAR, -2);
    expect((await device.call.clock({})).events).toMatchObject([{ why: 'time-service' }]);
    expect(device.said.join('\n')).toContain('wall time was set');
  });
});
