/** The clock is set while a schedule holds an output: the schedule follows, durations do not. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RulesBench } from '../support/rules-bench.ts';

let bench: RulesBench;
beforeEach(() => {
  bench = new RulesBench();
});
afterEach(() => bench.end());

const during = { from: '06:00', to: '20:00' };
const berlin = (hour: number) => Date.UTC(2026, 6, 15, hour - 2);

it('follows a clock that jumps, at once and in both directions', async () => {
  await bench.start({ during });
  await bench.clock.advance(1000);
  expect(bench.row.state).toBe('on');
  bench.clock.setWall(berlin(23));
  await bench.clock.advance(1000);
  expect(bench.row.state).toBe('off');
  bench.clock.setWall(berlin(7));
  await bench.clock.advance(1000);
  expect(bench.row.state).toBe('on');
  // a year back, at noon
  bench.clock.setWall(Date.UTC(2025, 6, 15, 10));
  await bench.clock.advance(1000);
  expect(bench.row.state).toBe('on');
  expect(bench.told).toEqual(['rule 1', 'rule 0', 'rule 1']);
});

it('keeps its shortest time on by the clock that does not jump', async () => {
  await bench.start({ during, minOnMs: 60_000 });
  await bench.clock.advance(1000);
  bench.clock.setWall(berlin(23));
  await bench.clock.advance(58_000);
  expect(bench.row.state).toBe('on');
  await bench.clock.advance(3000);
  expect(bench.row.state).toBe('off');
});

it('waits in words while nobody has set the clock', async () => {
  bench.source = 'none';
  await bench.start({ during });
  await bench.clock.advance(5000);
  expect(bench.row).toMatchObject({ state: 'failing' });
  expect(bench.row.why).toMatch(/Nobody has set this device’s clock/);
  expect(bench.sets).toEqual([]);
  bench.source = 'laptop';
  await bench.clock.advance(1000);
  expect(bench.row.state).toBe('on');
});
