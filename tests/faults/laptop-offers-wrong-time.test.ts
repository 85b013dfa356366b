/** Fault: the laptop that lends its time is wrong itself. */
import { describe, expect, it } from 'vitest';
import { ClockedDevice } from '../support/clocked-device.ts';

const NOW = Date.UTC(2026, 4, 3, 12);
const HOURS = 3 * 3_600_000;

describe('laptop offers wrong time', () => {
  it('is named as the source, and a time service puts it right later', { timeout: 60_000 }, async () => {
    const device = new ClockedDevice(40_000);
    await device.start();
    await device.records();
    const wrong = await device.call.offerTime({ wallMs: NOW + HOURS, roundTripMs: 4, by: 'old-laptop' });
    expect(wrong).toMatchObject({ verdict: 'taken', clock: 'laptop' });
    expect(wrong.movedMs).toBeGreaterThan(NOW - 1e7);
    expect(await device.run()).toMatchObject({ clock: 'laptop', offsetMs: wrong.offsetMs });

    device.synchronise(NOW);
    await device.look();
    const right = await device.run();
    expect(right.clock).toBe('ntp');
    expect(right.offsetMs - wrong.offsetMs).toBeLessThan(-HOURS);
    const { observations, events } = await device.call.clock({});
    expect(observations.map(({ source, by }) => [source, by])).toEqual([
      ['none', null],
      ['laptop', 'old-laptop'],
      ['ntp', null],
    ]);
    expect(events.map(({ before, after, why }) => [before.clock, after.clock, why])).toEqual([
      ['none', 'laptop', 'laptop'],
      ['laptop', 'ntp', 'time-service'],
    ]);
    expect(device.said.join('\n')).toMatch(/warn wall time was set back/);

    const late = await device.call.offerTime({ wallMs: NOW + HOURS, roundTripMs: 4 });
    expect(late).toEqual({ verdict: 'has-better', clock: 'ntp', offsetMs: right.offsetMs, movedMs: 0 });
  });

  it('is refused when the laptop itself stands before the program was written', async () => {
    const device = new ClockedDevice(40_000);
    await device.start();
    expect(await device.call.offerTime({ wallMs: 50_000, roundTripMs: 0 })).toMatchObject({
      verdict: 'implausible',
      clock: 'none',
      movedMs: 0,
    });
  });

  it('is replaced by the next laptop that a person lends, and an offer that agrees changes nothing', async () => {
    const device = new ClockedDevice(40_000);
    await device.start();
    await device.call.offerTime({ wallMs: NOW + HOURS, roundTripMs: 4 });
    const second = await device.call.offerTime({ wallMs: NOW, roundTripMs: 4 });
    expect(second.verdict).toBe('taken');
    expect(second.movedMs).toBeLessThan(-HOURS + 60_000);
    const { monotonicMs } = await device.call.clock({});
    const third = await device.call.offerTime({ wallMs: second.offsetMs + monotonicMs, roundTripMs: 400 });
    expect(third).toMatchObject({ verdict: 'agrees', offsetMs: second.offsetMs, movedMs: 0 });
  });
});
