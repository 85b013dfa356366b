import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doubtsOf } from '../../../renderer/series/doubt.ts';
import type { Span } from '../../../src/shared/engine-contract.ts';
import { CLOCK_SOURCES, type ClockSource } from '../../../src/shared/reading.ts';

const borders = fc
  .uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 8 })
  .map((all) => all.toSorted((a, b) => a - b));
const spansOf = (all: number[], clock: ClockSource, overlaps: boolean): Span[] =>
  all.flatMap((from, i) =>
    i % 2 === 0 && i + 1 < all.length ? [{ device: 'd', from, to: all[i + 1]!, clock, overlaps }] : [],
  );

describe('doubtful times', () => {
  it('are what was not set or is claimed twice, each once, in order', () => {
    fc.assert(
      fc.property(
        borders,
        borders,
        fc.constantFrom(...CLOCK_SOURCES),
        fc.option(fc.integer({ min: 0, max: 45 })),
        (runs, twice, clock, since) => {
          const spans = [...spansOf(runs, clock, false), ...spansOf(twice, 'none', true)];
          const doubts = doubtsOf(spans, since);
          for (const [i, { from, to }] of doubts.entries()) {
            expect(from).toBeLessThan(to);
            expect(from).toBeGreaterThanOrEqual(doubts[i - 1]?.to ?? 0);
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
