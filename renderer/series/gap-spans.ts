/** Where nothing is known, and why: the stretches a chart hatches. Pure. */
import type { Gap } from '../../src/shared/engine-contract.ts';
import type { Columns } from './columns.ts';

/** Why there is nothing: the archive's reasons, and `missing` when the sensor was asked and had no answer. */
export type GapReason = Gap['reason'] | 'missing';

/** A stretch without values, in epoch ms. */
export interface GapSpan {
  from: number;
  to: number;
  reason: GapReason;
}

const MISSING = 3;

/**
 * Breaks of a drawn line within `from…to`, widest reason known first: a break that the archive explains takes its
 * reason. `silentSince` ends the line: from there to `to` nothing came (null: the line is not expected to go on).
 * Stretches shorter than `shortest` ms are left out.
 */
export function gapSpans(
  view: Columns,
  explained: readonly Pick<Gap, 'from' | 'to' | 'reason'>[],
  from: number,
  to: number,
  shortest: number,
  silent: { since: number; reason: GapReason } | null,
): GapSpan[] {
  const spans: GapSpan[] = [];
  const add = (start: number, end: number, reason: GapReason) => {
    const span = { from: Math.max(from, start), to: Math.min(to, end), reason };
    if (span.to - span.from >= shortest) spans.push(span);
  };
  for (const gap of explained) add(gap.from, gap.to, gap.reason);
  const known = spans.length;
  const isExplained = (start: number, end: number) =>
    spans.slice(0, known).some((gap) => gap.from < end && gap.to > start);

  let lastValue = Number.NaN;
  let broken = false;
  let missing = false;
  for (let row = view.start; row < view.end; row++) {
    const t = view.t[row] as number;
    if (Number.isNaN(view.lo[row])) {
      broken = true;
      missing ||= view.q[row] === MISSING;
      continue;
    }
    if (broken && !Number.isNaN(lastValue) && !isExplained(lastValue, t))
      add(lastValue, t, missing ? 'missing' : 'unknown');
    lastValue = t;
    broken = false;
    missing = false;
  }
  if (silent && !isExplained(silent.since, to)) add(silent.since, to, missing ? 'missing' : silent.reason);
  return spans.toSorted((a, b) => a.from - b.from);
}
