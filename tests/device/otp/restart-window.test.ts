/** The restart window against a plain model, and the waits of the back-off. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastPeriodMs, waitAfter } from '../../../device/otp/backoff.ts';
import { addRestart, EMPTY_WINDOW, prune } from '../../../device/otp/restart-window.ts';

const gaps = fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 60 });

describe('the restart window', () => {
  it('allows a restart exactly when at most `intensity` fall into the last period, itself included', () => {
    fc.assert(
      fc.property(gaps, fc.nat(6), fc.integer({ min: 1, max: 5000 }), (steps, intensity, periodMs) => {
        let window = EMPTY_WINDOW;
        let now = 0;
        const all: number[] = [];
        for (const step of steps) {
          now += step;
          all.push(now);
          const result = addRestart(window, 'x', now, { intensity, periodMs });
          window = result.window;
          const inPeriod = all.filter((at) => at >= now - periodMs).length;
          expect(window).toHaveLength(inPeriod);
          expect(result.allowed).toBe(inPeriod <= intensity);
          if (!result.allowed) return;
        }
      }),
    );
  });

  it('counts a restart that is exactly one period old, and not one a moment older', () => {
    const { window } = addRestart(EMPTY_WINDOW, 'x', 0, { intensity: 1, periodMs: 1000 });
    expect(prune(window, 1000, 1000)).toHaveLength(1);
    expect(prune(window, 1000.001, 1000)).toHaveLength(0);
  });
});

describe('the back-off', () => {
  const backoff = { firstMs: 100, immediate: 0, factor: 2, capMs: 1000, jitter: 0.2, resetAfterMs: 5000 };

  it('grows by its factor up to its cap', () => {
    expect([1, 2, 3, 4, 5, 6, 2000].map((n) => waitAfter(backoff, n, () => 0))).toEqual([
      100, 200, 400, 800, 1000, 1000, 1000,
    ]);
  });

  it('lies between (1 − jitter) and 1 times the full wait', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, chance) => {
          const full = waitAfter(backoff, failures, () => 0);
          const wait = waitAfter(backoff, failures, () => chance);
          expect(wait).toBeGreaterThanOrEqual(full * 0.8 - 1e-9);
          expect(wait).toBeLessThanOrEqual(full);
        },
      ),
    );
  });

  it('knows the shortest period in which an intensity can be spent', () => {
    fc.assert(
      fc.property(fc.nat(50), (intensity) => {
        let sum = 0;
        for (let n = 1; n <= intensity; n++) sum += waitAfter(backoff, n, () => 0);
        expect(leastPeriodMs(backoff, intensity)).toBeCloseTo(sum, 6);
      }),
    );
    expect(leastPeriodMs(backoff, 1e9)).toBeGreaterThan(9e11);
  });
});
