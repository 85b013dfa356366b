/** Which time the charts show, and how zooming and panning change it. Pure; the choice lives in the ui store. */
import type { TimeWindow } from '../../chart/chart-frames.ts';
import type { ChartRange } from '../../stores/ui-store.ts';

const MINUTE = 60_000;
const SHORTEST = 1000;
/** A range can span from the first to the last time a chart can be asked for. */
const LONGEST = 20 * 365 * 24 * 60 * MINUTE;

/** The ranges that have a button. */
export const SPANS: readonly { label: string; spanMs: number }[] = [
  { label: '5 min', spanMs: 5 * MINUTE },
  { label: '1 h', spanMs: 60 * MINUTE },
  { label: '24 h', spanMs: 24 * 60 * MINUTE },
];

export const DEFAULT_RANGE: ChartRange = { mode: 'live', spanMs: 5 * MINUTE };

/** What is known of the time there is: now, and the first and newest reading (epoch ms, null when there is none). */
export interface TimeFacts {
  now: number;
  oldest: number | null;
  newest: number | null;
}

/**
 * The time that `range` means now. A moving range ends at the present, or at the newest reading when the device's
 * clock is ahead. Its borders are whole multiples of a pixel, so that it changes only when the picture does.
 */
export function windowOf(range: ChartRange, facts: TimeFacts, pixels: number): TimeWindow {
  if (range.mode === 'fixed') return { from: range.from, to: range.to };
  const edge = Math.max(facts.now, facts.newest ?? 0);
  const span =
    range.mode === 'live' ? range.spanMs : Math.max(MINUTE, edge - (facts.oldest ?? edge - 5 * MINUTE));
  const pixel = span / Math.max(1, pixels);
  const to = Math.ceil(edge / pixel) * pixel;
  return { from: to - span, to };
}

/** Narrower (`factor` below 1) or wider around `around` (null: the middle, or the present of a moving range). */
export function zoomed(
  range: ChartRange,
  shown: TimeWindow,
  factor: number,
  around: number | null,
): ChartRange {
  const span = clampSpan((shown.to - shown.from) * factor);
  if (range.mode !== 'fixed' && around === null) return { mode: 'live', spanMs: span };
  const centre = around ?? (shown.from + shown.to) / 2;
  const share = (centre - shown.from) / (shown.to - shown.from);
  const from = centre - span * share;
  return { mode: 'fixed', from, to: from + span };
}

/** Earlier (`share` below 0) or later by a share of the time shown. Going past the present means following it. */
export function panned(shown: TimeWindow, share: number, facts: TimeFacts): ChartRange {
  const span = shown.to - shown.from;
  const to = shown.to + span * share;
  if (share > 0 && to >= facts.now) return { mode: 'live', spanMs: span };
  return { mode: 'fixed', from: to - span, to };
}

/** A dragged stretch. */
export function selected(from: number, to: number): ChartRange {
  const middle = (from + to) / 2;
  const half = clampSpan(to - from) / 2;
  return { mode: 'fixed', from: middle - half, to: middle + half };
}

function clampSpan(span: number): number {
  return Math.min(LONGEST, Math.max(SHORTEST, span));
}
