/** Fault: the device's clock stands in 1970, from the start or all of a sudden. */
import { describe, expect, it } from 'vitest';
import { CLOCK_WORDS } from '../../src/core/archive/walk.ts';
import { ClockedDevice, linkTo } from '../support/clocked-device.ts';
import { EVERYTHING, readingsOf, tempArchive } from '../support/temp-archive.ts';
import { until } from '../support/until.ts';

const NOW = Date.UTC(2026, 4, 3, 12);
const BOOTED_1970 = 40_000;

describe('clock in 1970', () => {
  it('is recorded by, and every reading says that nobody set the clock', { timeout: 60_000 }, async () => {
    const device = new ClockedDevice(BOOTED_1970);
    await device.start();
    const archive = await tempArchive();
    linkTo(device, archive);
    await until(async () => (await readingsOf(archive)).length > 5, 'readings');
    const channel = (await archive.channels(null))[0]!;
    const [span, ...others] = await archive.spans([channel.id], { from: 0, to: 1e7, pixels: 100 });
    expect(span).toMatchObject({ clock: 'none', overlaps: false });
    expect(others).toEqual([]);
    for await (const { t, clock } of archive.pieces(EVERYTHING)) {
      expect(t[0]).toBeLessThan(1e7);
      expect(clock.every((word) => CLOCK_WORDS[word] === 'none')).toBe(true);
    }
    expect(await device.run()).toMatchObject({ clock: 'none' });
  });

  it('is not believed of a clock that stood right before', { timeout: 60_000 }, async () => {
    const device = new ClockedDevice(NOW);
    await device.start();
    const before = await device.run();
    device.clock.setWall(BOOTED_1970);
    await device.look();
    const after = await device.run();
    expect(after.offsetMs).toBe(before.offsetMs);
    expect(device.said.join('\n')).toContain('another time, which is not taken');
    const { observations, events } = await device.call.clock({});
    expect(observations.at(-1)!.wallMs).toBeLessThan(1e7);
    expect(events).toEqual([]);
  });
});
