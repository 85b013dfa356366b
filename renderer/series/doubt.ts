/** Which stretches of time a chart tints because their times cannot be believed, and why. Pure. */
import type { Span } from '../../src/shared/engine-contract.ts';

/** `not-set`: nobody had set the device's clock; `overlaps`: two runs of the device claim the same time. */
export interface Doubt {
  /** Epoch ms. */
  from: number;
  to: number;
  why: 'not-set' | 'overlaps';
}

/**
 * Doubtful stretches, ascending and apart; what overlaps is said before what was not set. `unsureSince`: from there
 * on the clock of the run that goes on now is not set (null: it is); no query covers the readings still to come.
 */
export function doubtsOf(spans: readonly Span[], unsureSince: number | null): Doubt[] {
  const overlaps = spans.filter((span) => span.overlaps).map(({ from, to }) => ({ from, to }));
  const unset = spans
    .filter((span) => !span.overlaps && span.clock === 'none')
    .map(({ from, to }) => ({ from, to }));
  if (unsureSince !== null) unset.push({ from: unsureSince, to: Infinity });
  const doubts: Doubt[] = overlaps.map((span) => ({ ...span, why: 'overlaps' }));
  // what is left of the unset stretches between the overlaps; a tint laid twice would look like another
  for (const { from, to } of joined(unset)) {
    let at = from;
    for (const over of overlaps) {
      if (over.to <= at || over.from >= to) continue;
      if (over.from > at) doubts.push({ from: at, to: over.from, why: 'not-set' });
      at = over.to;
    }
    if (at < to) doubts.push({ from: at, to, why: 'not-set' });
  }
  return doubts.toSorted((a, b) => a.from - b.from);
}

function joined(spans: { from: number; to: number }[]): { from: number; to: number }[] {
  const out: { from: number; to: number }[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else out.push({ ...span });
  }
  return out;
}
