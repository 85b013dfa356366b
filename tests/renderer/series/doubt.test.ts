import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doubtsOf } from '../../../renderer/series/doubt.ts';
import { CLOCK_SOURCES } from '../../../src/shared/reading.ts';

const borders = fc
  .uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 8 })
  .map((all) => all.toSorted((a, b) => a - b));
const pairs = (all: number[]) =>
  all.flatMap((from, i) => (i % 2 === 0 && i + 1 < all.length ? [{ from, to: all[i + 1]! }] : []));

describe('doubtful times', () => {
  it('are what was not set or is claimed twice, each once, in order', () => {
    fc.assert(
      fc.property(
        borders,
        borders,
        fc.constantFrom(...CLOCK_SOURCES),
        fc.option(fc.integer({ min: 0, max: 45 })),
        (runs, twice, clock, since) => {
          const spans = [
            ...pairs(runs).map((span) => ({ device: 'd', ...span, clock, overlaps: false })),
            ...pairs(twice).map((span) => ({ device: 'd', ...span, clock: 'none' as const, overlaps: true })),
          ];
          const doubts = doubtsOf(spans, since);
          for (const [i, { from, to }] of doubts.entries()) {
            expect(from).toBeLessThan(to);
            if (i > 0) expect(from).toBeGreaterThanOrEqual(doubts[i - 1]!.to);
          }
          for (let t = 0.5; t < 50; t++) {
            const inside = (span: { from: number; to: number }) => span.from < t && t < span.to;
            const overlaps = spans.some((span) => span.overlaps && inside(span));
            const unset =
              spans.some((span) => !span.overlaps && span.clock === 'none' && inside(span)) ||
              (since !== null && t > since);
            expect(doubts.find(inside)?.why).toBe(overlaps ? 'overlaps' : unset ? 'not-set' : undefined);
          }
        },
      ),
    );
  });
});
