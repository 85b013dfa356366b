/** Rules on a clock that a test owns: what they ask of outputs and when, and what they tell. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RulesBench } from '../../support/rules-bench.ts';

let bench: RulesBench;
beforeEach(() => {
  bench = new RulesBench();
});
afterEach(() => bench.end());

describe('a threshold', () => {
  const when = { sensor: 'air', channel: 'temperature', above: 28, until: 26, forMs: 2000 };

  it('holds its output by a lease that it renews in time, and lets go', async () => {
    await bench.start({ when });
    await bench.measure(30, 12);
    expect(bench.row.state).toBe('on');
    const times = bench.sets;
    expect(times[0]).toBeGreaterThanOrEqual(2000);
    const waits = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(Math.max(...waits)).toBeLessThanOrEqual(RulesBench.LEASE_MS / 2);
    await bench.measure(27, 3);
    expect(bench.row.state).toBe('on');
    await bench.measure(26, 1);
    expect(bench.row.state).toBe('off');
    expect(bench.deeds.at(-1)).toMatchObject({ kind: 'release', output: 'fan', cause: 'rule', by: 'vent' });
    expect(bench.told).toEqual(['rule 1', 'rule 0']);
  });

  it('believes no doubtful reading, and lets go when nothing else comes', async () => {
    await bench.start({ when });
    await bench.measure(30, 4);
    await bench.measure(30, 11, 'suspect');
    expect(bench.row).toMatchObject({
      state: 'failing',
      why: 'No reading of Air temperature that can be believed. Its output is let go until there is one.',
    });
    expect(bench.deeds.at(-1)?.kind).toBe('release');
    const asked = bench.sets.length;
    await bench.clock.advance(10_000);
    expect(bench.sets).toHaveLength(asked);
    await bench.measure(30, 4);
    expect(bench.row.state).toBe('on');
  });

  it('asks again when it is refused, and says why it waits', async () => {
    await bench.start({ when });
    bench.refuse = 'ann holds it for 60 s more';
    await bench.measure(30, 6);
    expect(bench.row).toMatchObject({ state: 'waiting', why: bench.refuse });
    bench.refuse = null;
    await bench.measure(30, 2);
    expect(bench.row.state).toBe('on');
  });

  it('raises an alarm once', async () => {
    await bench.start({ when, set: undefined, alarm: 'Too hot' });
    await bench.measure(30, 10);
    await bench.measure(20, 2);
    expect(bench.told).toEqual(['rule 1', 'alarm 1', 'rule 0', 'alarm 0']);
    expect(bench.deeds).toEqual([]);
  });

  it('is off in safe mode', async () => {
    bench.isSafe = true;
    await bench.start({ when });
    await bench.measure(30, 10);
    expect(bench.row).toMatchObject({ state: 'failing', why: 'All rules are off in safe mode.' });
    expect(bench.deeds).toEqual([]);
  });
});
