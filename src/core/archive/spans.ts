/**
 * How far the times of a device's readings can be believed, by stretch. Runs of one device were lived one after the
 * other; where two lie over each other in wall time, one of their clocks was wrong, and nothing tells the order
 * between their readings. Such a stretch is flagged, never sorted into a false order in silence.
 */
import type { Span } from '../../shared/engine-contract.ts';
import type { Database } from './database.ts';
import { findDevice, runsOf, type RunRow } from './registry.ts';
import type { Window } from './series-plot.ts';

/** Epoch ms. */
export interface Stretch {
  from: number;
  to: number;
}

type Lived = Pick<RunRow, 'offsetMs' | 'clock' | 't0' | 't1'>;

/** Stretches of wall time (epoch ms) in which two or more of `runs` lie, apart and ascending. Pure. */
export function overlapsOf(runs: readonly Lived[]): Stretch[] {
  const out: Stretch[] = [];
  let reach = -Infinity;
  for (const { from, to } of stretchesOf(runs)) {
    const end = Math.min(to, reach);
    const last = out.at(-1);
    if (from < end)
      if (last && from <= last.to) last.to = Math.max(last.to, end);
      else out.push({ from, to: end });
    reach = Math.max(reach, to);
  }
  return out;
}

/** True when `t` lies in one of `overlaps`, borders included. Pure. */
export function isWithin(overlaps: readonly Stretch[], t: number): boolean {
  let low = 0;
  let high = overlaps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (overlaps[middle]!.to < t) low = middle + 1;
    else high = middle;
  }
  return low < overlaps.length && overlaps[low]!.from <= t;
}

/**
 * Spans of one device that touch the window, ascending, then its overlaps. Runs of one source that are closer than
 * a pixel come as one, so that a device that restarts all day costs no more than the pixels. Pure.
 */
export function spansOf(device: string, runs: readonly Lived[], window: Window): Span[] {
  const pixelMs = (window.to - window.from) / window.pixels;
  const spans: Span[] = [];
  for (const { from, to, clock } of stretchesOf(runs)) {
    if (to < window.from || from > window.to) continue;
    const last = spans.findLast((span) => span.clock === clock);
    if (last && from - last.to <= pixelMs) last.to = Math.max(last.to, to);
    else spans.push({ device, from, to, clock, overlaps: false });
  }
  for (const { from, to } of overlapsOf(runs)) {
    if (to < window.from || from > window.to) continue;
    const last = spans.at(-1);
    if (last?.overlaps && from - last.to <= pixelMs) last.to = to;
    else spans.push({ device, from, to, clock: 'none', overlaps: true });
  }
  return spans;
}

/** Spans of the devices of these channels. */
export function querySpans(db: Database, channels: readonly number[], window: Window): Span[] {
  const names = channels.flatMap((channel) => {
    const row = db.get(
      'SELECT d.name FROM channel c JOIN device d ON d.id = c.device WHERE c.id = ?',
      channel,
    );
    return row ? [row[0] as string] : [];
  });
  return [...new Set(names)].flatMap((name) => {
    const device = findDevice(db, name);
    return device ? spansOf(name, runsOf(db, device.id), window) : [];
  });
}

/** Runs that have readings, in wall time, by their beginning. */
function stretchesOf(runs: readonly Lived[]): (Stretch & Pick<RunRow, 'clock'>)[] {
  return runs
    .flatMap(({ offsetMs, clock, t0, t1 }) =>
      t0 === null || t1 === null ? [] : [{ from: offsetMs + t0 / 1000, to: offsetMs + t1 / 1000, clock }],
    )
    .toSorted((a, b) => a.from - b.from);
}
