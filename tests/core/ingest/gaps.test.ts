import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesBehind, explain, missingRanges, newBatches } from '../../../src/core/ingest/gaps.ts';
import { compareCursors, type Cursor } from '../../../src/shared/reading.ts';

const place = fc.record({ run: fc.integer({ min: 1, max: 4 }), batch: fc.integer({ min: 1, max: 8 }) });
const spans = fc
  .array(fc.integer({ min: 0, max: 8 }), { minLength: 4, maxLength: 4 })
  .map((lasts) =>
    lasts.map((lastBatch, i) => ({ run: i + 1, firstBatch: lastBatch > 0 ? 1 : 0, lastBatch })),
  );
const cursor = fc.option(place, { nil: null });

function* between(
  a: Cursor | null,
  b: Cursor,
  runs: { run: number; lastBatch: number }[],
): Generator<string> {
  for (const { run, lastBatch } of runs)
    for (let batch = 1; batch <= (run === b.run ? b.batch - 1 : lastBatch); batch++) {
      const at = { run, batch };
      if ((!a || compareCursors(at, a) > 0) && compareCursors(at, b) < 0) yield `${run}:${batch}`;
    }
}

function* each(ranges: { run: number; first: number; last: number }[]): Generator<string> {
  for (const { run, first, last } of ranges) for (let b = first; b <= last; b++) yield `${run}:${b}`;
}

describe('missing ranges', () => {
  it('are exactly the batches between two places that the device says it wrote', () => {
    fc.assert(
      fc.property(cursor, place, spans, (a, b, runs) => {
        if (a && compareCursors(a, b) >= 0) return;
        expect([...each(missingRanges(a, b, runs))]).toEqual([...between(a, b, runs)]);
      }),
    );
  });

  it('are explained without losing or doubling one', () => {
    fc.assert(
      fc.property(cursor, place, spans, cursor, (a, b, runs, trimmedTo) => {
        if (a && compareCursors(a, b) >= 0) return;
        const ranges = missingRanges(a, b, runs);
        const parts = explain(ranges, trimmedTo, runs);
        expect([...each(parts)]).toEqual([...each(ranges)]);
        for (const part of parts) {
          const last = { run: part.run, batch: part.last };
          const trimmed = trimmedTo !== null && compareCursors(last, trimmedTo) <= 0;
          const empty = runs[part.run - 1]!.firstBatch === 0 && part.last <= runs[part.run - 1]!.lastBatch;
          expect(part.reason).toBe(trimmed || empty ? 'journal-trimmed' : 'unknown');
        }
      }),
    );
  });

  it('count a run whose batches the journal no longer holds as trimmed', () => {
    const runs = [
      { run: 1, firstBatch: 0, lastBatch: 5 },
      { run: 2, firstBatch: 3, lastBatch: 9 },
    ];
    expect(explain(missingRanges(null, { run: 2, batch: 4 }, runs), null, runs)).toEqual([
      { run: 1, first: 1, last: 5, reason: 'journal-trimmed' },
      { run: 2, first: 1, last: 2, reason: 'journal-trimmed' },
      { run: 2, first: 3, last: 3, reason: 'unknown' },
    ]);
  });
});

describe('new batches', () => {
  it('are in order, each once, after the cursor', () => {
    fc.assert(
      fc.property(cursor, fc.array(place), (at, places) => {
        const batches = places.map((p) => ({ ...p, data: new Uint8Array() }));
        const { fresh, duplicates } = newBatches(at, batches);
        for (const [i, b] of fresh.entries()) {
          const before = fresh[i - 1] ?? at;
          expect(before ? compareCursors(b, before) : 1).toBeGreaterThan(0);
        }
        expect(fresh.length + duplicates).toBe(batches.length);
        const kept = new Set(fresh.map((b) => `${b.run}:${b.batch}`));
        for (const p of places)
          expect(kept.has(`${p.run}:${p.batch}`)).toBe(!at || compareCursors(p, at) > 0);
      }),
    );
  });
});

describe('batches behind', () => {
  it('counts what the journal holds after the cursor, by the newest word on it', () => {
    const runs = [
      { run: 1, firstBatch: 3, lastBatch: 9 },
      { run: 2, firstBatch: 0, lastBatch: 4 },
      { run: 3, firstBatch: 1, lastBatch: 2 },
    ];
    expect(batchesBehind(null, null, runs)).toBe(9);
    expect(batchesBehind({ run: 1, batch: 7 }, null, runs)).toBe(4);
    expect(batchesBehind({ run: 3, batch: 2 }, null, runs)).toBe(0);
    expect(batchesBehind({ run: 3, batch: 2 }, { run: 3, batch: 12 }, runs)).toBe(10);
    expect(batchesBehind({ run: 3, batch: 2 }, { run: 4, batch: 5 }, runs)).toBe(5);
  });
});
