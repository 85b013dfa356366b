/** Which batches of a delivery are new and which will never come. Pure arithmetic on cursors. */
import type { WireBatch } from '../../shared/device-contract.ts';
import { compareCursors, type Cursor, type RunInfo } from '../../shared/reading.ts';

/** Batches `first` to `last` of one run, both included. */
interface BatchRange {
  run: number;
  first: number;
  last: number;
}

/** A range that will never come. `journal-trimmed`: the device dropped it for want of space. */
export interface MissingRange extends BatchRange {
  reason: 'journal-trimmed' | 'unknown';
}

type RunSpan = Pick<RunInfo, 'run' | 'firstBatch' | 'lastBatch'>;

/** The batches after `cursor`, in order, each once; and how many were there already. */
export function newBatches(
  cursor: Cursor | null,
  batches: readonly WireBatch[],
): { fresh: WireBatch[]; duplicates: number } {
  const fresh = batches
    .filter((b) => !cursor || compareCursors(b, cursor) > 0)
    .toSorted(compareCursors)
    .filter((b, i, all) => i === 0 || compareCursors(b, all[i - 1]!) !== 0);
  return { fresh, duplicates: batches.length - fresh.length };
}

/**
 * What lies between `cursor` and `next`, both excluded, by the device's own account of its runs. A run that is
 * not in `runs` counts as empty. From an empty archive (`cursor` null) everything the device ever wrote counts.
 */
export function missingRanges(cursor: Cursor | null, next: Cursor, runs: readonly RunSpan[]): BatchRange[] {
  const last = new Map(runs.map((r) => [r.run, r.lastBatch]));
  if (cursor && !last.has(cursor.run)) last.set(cursor.run, cursor.batch);
  last.set(next.run, next.batch - 1);
  return [...last]
    .filter(([run]) => run <= next.run && (!cursor || run >= cursor.run))
    .toSorted(([a], [b]) => a - b)
    .map(([run, end]) => ({ run, first: cursor?.run === run ? cursor.batch + 1 : 1, last: end }))
    .filter((range) => range.first <= range.last);
}

/**
 * Names the reason of every missing range. The device dropped what lies up to `trimmedTo`, and what lies before
 * the first batch its journal still holds of a run; of the rest nobody knows.
 */
export function explain(
  ranges: readonly BatchRange[],
  trimmedTo: Cursor | null,
  runs: readonly RunSpan[],
): MissingRange[] {
  return ranges.flatMap((range): MissingRange[] => {
    const end = Math.min(range.last, trimmedEnd(range.run, trimmedTo, runs));
    const parts: MissingRange[] = [];
    if (end >= range.first) parts.push({ ...range, last: end, reason: 'journal-trimmed' });
    if (end < range.last) parts.push({ ...range, first: Math.max(range.first, end + 1), reason: 'unknown' });
    return parts;
  });
}

/** The last batch of `run` that was trimmed, as far as the device has told. */
function trimmedEnd(run: number, trimmedTo: Cursor | null, runs: readonly RunSpan[]): number {
  if (trimmedTo && run < trimmedTo.run) return Infinity;
  const told = trimmedTo?.run === run ? trimmedTo.batch : 0;
  const span = runs.find((r) => r.run === run);
  if (!span) return told;
  return Math.max(told, span.firstBatch > 0 ? span.firstBatch - 1 : span.lastBatch);
}

/** Batches the journal still holds after `cursor`. `head` is newer word on the run it is in. */
export function batchesBehind(cursor: Cursor | null, head: Cursor | null, runs: readonly RunSpan[]): number {
  const spans = new Map(
    runs.filter((r) => r.firstBatch > 0).map((r) => [r.run, [r.firstBatch, r.lastBatch]]),
  );
  if (head) spans.set(head.run, [spans.get(head.run)?.[0] ?? 1, head.batch]);
  let behind = 0;
  for (const [run, [first, last]] of spans as Map<number, [number, number]>) {
    if (cursor && run < cursor.run) continue;
    const from = cursor?.run === run ? Math.max(first, cursor.batch + 1) : first;
    behind += Math.max(0, last - from + 1);
  }
  return behind;
}
