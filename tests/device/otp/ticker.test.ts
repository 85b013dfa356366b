/** The shared timer: on time, never early, cheap in timers, whatever is added and removed. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SLICE_MS, SLOT_MS, Ticker } from '../../../device/otp/ticker.ts';
import type { Clock } from '../../../src/shared/time.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('a ticker', () => {
  it('calls every task on its grid, at most a slot late and never early', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(200)), { minLength: 1, maxLength: 20 }),
        async (tasks) => {
          const clock = new FakeClock();
          const ticker = new Ticker(clock);
          const calls = tasks.map(([periodMs, firstMs]) => {
            const times: number[] = [];
            let missedInAll = 0;
            const tick = (missed: number) => {
              times.push(clock.monotonic());
              missedInAll += missed;
            };
            ticker.add({ periodMs, tick }, firstMs);
            return { periodMs, firstMs, times, missed: () => missedInAll };
          });
          await clock.advance(1000);
          for (const { periodMs, firstMs, times, missed } of calls) {
            const due = Math.floor((1000 - SLOT_MS - firstMs) / periodMs) + 1;
            expect(times.length + missed()).toBeGreaterThanOrEqual(due);
            if (periodMs < SLOT_MS) continue;
            expect(missed()).toBe(0);
            times.forEach((at, i) => {
              const late = at - (firstMs + i * periodMs);
              expect(late).toBeGreaterThanOrEqual(0);
              expect(late).toBeLessThan(SLOT_MS);
            });
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('needs one timer for any number of tasks, and none without', async () => {
    const clock = new FakeClock();
    const ticker = new Ticker(clock);
    let ticks = 0;
    const cancels = Array.from({ length: 10_000 }, (_, i) =>
      ticker.add({ periodMs: 1000, tick: () => void ticks++ }, i % 1000),
    );
    expect(clock.pending).toBe(1);
    await clock.advance(999 + SLOT_MS);
    expect(ticks).toBeGreaterThanOrEqual(10_000);
    expect(clock.pending).toBe(1);
    for (const cancel of cancels) cancel();
    expect(clock.pending).toBe(0);
    ticks = 0;
    await clock.advance(5000);
    expect(ticks).toBe(0);
  });

  it('lets a task end itself or another while it is called', async () => {
    const clock = new FakeClock();
    const ticker = new Ticker(clock);
    const called: string[] = [];
    const cancels = new Map<string, () => void>();
    for (const id of ['a', 'b', 'c']) {
      const tick = () => {
        called.push(id);
        if (called.length === 1) for (const cancel of cancels.values()) cancel();
      };
      cancels.set(id, ticker.add({ periodMs: 100, tick }, 0));
    }
    await clock.advance(1000);
    expect(called).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('tells a task that was late how many periods it missed, and keeps to the grid', () => {
    let now = 0;
    let due: (() => void) | null = null;
    const clock: Clock = {
      monotonic: () => now,
      wall: () => now,
      after: (_ms, fn) => {
        due = fn;
        return () => (due = null);
      },
    };
    const missed: number[] = [];
    new Ticker(clock).add({ periodMs: 100, tick: (n) => void missed.push(n) }, 0);
    for (const at of [0, 100, 450, 500]) {
      now = at;
      (due as (() => void) | null)?.();
    }
    expect(missed).toEqual([0, 0, 2, 0]);
  });

  it('gives the event loop back after a slice of work', () => {
    let now = 0;
    const runs: (() => void)[] = [];
    const clock: Clock = {
      monotonic: () => now,
      wall: () => now,
      after: (_ms, fn) => (runs.push(fn), () => {}),
    };
    const ticker = new Ticker(clock);
    let ticks = 0;
    const tick = () => {
      ticks++;
      now += 0.1;
    };
    for (let i = 0; i < 1000; i++) ticker.add({ periodMs: 10_000, tick }, 0);
    runs.pop()?.();
    expect(ticks).toBeGreaterThan(0);
    expect(ticks * 0.1).toBeLessThan(SLICE_MS + 8 * 0.1);
    for (let run = runs.pop(); run; run = runs.pop()) if (ticks < 1000) run();
    expect(ticks).toBe(1000);
  });
});
