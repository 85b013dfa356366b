import { describe, expect, it } from 'vitest';
import { createRowEvents } from '../../../src/core/fleet/row-events.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function events() {
  const clock = new FakeClock();
  const told: [string, number][] = [];
  const rows = createRowEvents(clock, (id) => told.push([id, clock.monotonic()]));
  return { clock, told, rows };
}

describe('createRowEvents', () => {
  it('tells the first change at once and gathers the next', async () => {
    const { clock, told, rows } = events();
    for (let i = 0; i < 50; i++) rows.changed('a', false);
    expect(told).toEqual([['a', 0]]);
    await clock.advance(1000);
    expect(told).toEqual([
      ['a', 0],
      ['a', 100],
    ]);
  });

  it('tells at most 10 times a second and device, and never loses the last', async () => {
    const { clock, told, rows } = events();
    for (let ms = 0; ms < 1000; ms += 5) {
      for (let i = 0; i < 300; i++) rows.changed(`d${i}`, false);
      await clock.advance(5);
    }
    await clock.advance(100);
    const times = told.filter(([id]) => id === 'd7').map(([, at]) => at);
    expect(times.length).toBeLessThanOrEqual(11);
    expect(times.at(-1)).toBeGreaterThanOrEqual(1000);
    expect(clock.pending).toBe(0);
  });

  it('is in no hurry with a mere sign of life, unless a change comes too', async () => {
    const { clock, told, rows } = events();
    rows.changed('a', true);
    await clock.advance(200);
    rows.changed('a', true);
    await clock.advance(4000);
    expect(told).toHaveLength(1);
    rows.changed('a', false);
    expect(told).toHaveLength(2);
    await clock.advance(60_000);
    expect(told).toHaveLength(2);
  });

  it('forgets, and stops', async () => {
    const { clock, told, rows } = events();
    rows.changed('a', false);
    rows.changed('a', false);
    rows.forget('a');
    rows.changed('b', false);
    rows.changed('b', false);
    rows.stop();
    await clock.advance(10_000);
    expect(told.map(([id]) => id)).toEqual(['a', 'b']);
    expect(clock.pending).toBe(0);
  });
});
