/** All readings of a channel in time order, in bounded memory, over runs whose clocks may disagree. */
import { CLOCK_SOURCES, type CalibrationInfo } from '../../shared/reading.ts';
import type { Rows } from './chunk-codec.ts';
import { ascending, chunksOf, loadRows } from './chunk-table.ts';
import type { Database } from './database.ts';
import type { HotParts } from './hot-parts.ts';
import { calibrationOf, runsOfChannel, type RunRow } from './registry.ts';
import { isWithin, overlapsOf, type Stretch } from './spans.ts';

/** A piece of one channel's readings, columns of equal length, ascending in t. */
export interface Piece {
  /** Epoch ms. */
  t: Float64Array;
  value: Float64Array;
  quality: Uint8Array;
  /** Index in CLOCK_WORDS: how much the time can be believed. */
  clock: Uint8Array;
  /** Index in `calibrations`: the one that was in force. */
  calibration: Uint16Array;
  /** Those of the channel, the same in all its pieces; null: values are as the chip gave them. */
  calibrations: readonly (CalibrationInfo | null)[];
  /** Readings that should come here, and cannot be read any more: their bytes rotted on this computer's disk. */
  unreadable?: number;
}

/**
 * Where a reading's time comes from, in words: the source, and `+overlap` where another run of the channel claims the
 * same time, so that the order between the two runs' readings is not known.
 */
export const CLOCK_WORDS = [...CLOCK_SOURCES, ...CLOCK_SOURCES.map((source) => `${source}+overlap` as const)];

/** Wall-time range, epoch ms, both ends included; null: open. */
export interface Span {
  from: number | null;
  to: number | null;
}

/** A stored stretch that touches the span. */
interface Segment {
  /** Epoch ms of its first and last reading. */
  from: number;
  to: number;
  /** Readings within the span. */
  count: () => number;
  /** Readings within the span; null when they cannot be read any more. */
  load: () => Piece | null;
}

/** What is stored of a channel within the span, by its beginning. */
export function segmentsOf(db: Database, hotParts: HotParts, channel: number, span: Span): Segment[] {
  const low = span.from ?? -Infinity;
  const high = span.to ?? Infinity;
  const out: Segment[] = [];
  const parts = runsOfChannel(db, channel);
  const overlaps = overlapsOf(parts.map(({ run }) => run));
  const stored = [...new Set(parts.map(({ calibration }) => calibration))];
  const calibrations = stored.map(calibrationOf);
  for (const part of parts) {
    const { run } = part;
    const facts = { run, overlaps, calibrations, calibration: stored.indexOf(part.calibration) };
    const wall = (us: number) => run.offsetMs + us / 1000;
    if (run.t0 === null || run.t1 === null || wall(run.t0) > high || wall(run.t1) < low) continue;
    const us = (t: number) => (t - run.offsetMs) * 1000;
    // A microsecond wider, so that rounding never leaves a chunk out; rows are cut exactly below.
    for (const chunk of chunksOf(db, channel, run.id, us(low) - 1, us(high) + 1)) {
      const [from, to] = [wall(chunk.t0), wall(chunk.t1)];
      const load = () => {
        const rows = loadRows(db, chunk.data);
        return rows && cut(rows, facts, low, high);
      };
      const whole = from >= low && to <= high;
      out.push({ from, to, load, count: () => (whole ? chunk.n : (load()?.t.length ?? 0)) });
    }
    const fresh = hotParts.of(part);
    if (!fresh) continue;
    const rows = cut(ascending(fresh), facts, low, high);
    if (rows.t.length === 0) continue;
    out.push({ from: rows.t[0]!, to: rows.t.at(-1)!, load: () => rows, count: () => rows.t.length });
  }
  return out.toSorted((a, b) => a.from - b.from);
}

/**
 * The readings of segments in time order. Segments that overlap (a device that thought it was 1970 twice, a clock
 * set back) are merged; only those that overlap at one moment are in memory together.
 */
export function* walk(segments: readonly Segment[]): Generator<Piece, void> {
  let pool: Piece | null = null;
  for (const [i, segment] of segments.entries()) {
    const rows = segment.load();
    if (rows) pool = pool ? merge(pool, rows) : rows;
    else yield { ...NO_READINGS, unreadable: segment.count() };
    if (!pool) continue;
    const until = segments[i + 1]?.from ?? Infinity;
    let n: number = pool.t.length;
    while (n > 0 && pool.t[n - 1]! >= until) n--;
    if (n > 0) yield slice(pool, 0, n);
    pool = n < pool.t.length ? slice(pool, n, pool.t.length) : null;
  }
}

const NO_READINGS: Piece = {
  t: new Float64Array(0),
  value: new Float64Array(0),
  quality: new Uint8Array(0),
  clock: new Uint8Array(0),
  calibration: new Uint16Array(0),
  calibrations: [],
};

/** What all readings of a part of a channel share. */
interface PartFacts extends Pick<Piece, 'calibrations'> {
  run: RunRow;
  overlaps: readonly Stretch[];
  calibration: number;
}

function cut(rows: Rows, facts: PartFacts, low: number, high: number): Piece {
  const { run, overlaps, calibrations } = facts;
  const t = rows.us.map((us) => run.offsetMs + us / 1000);
  let from = 0;
  let to = t.length;
  while (from < to && t[from]! < low) from++;
  while (to > from && t[to - 1]! > high) to--;
  const source = CLOCK_SOURCES.indexOf(run.clock);
  const clock = new Uint8Array(t.length).fill(source);
  if (overlaps.length > 0)
    for (let i = from; i < to; i++) if (isWithin(overlaps, t[i]!)) clock[i] = source + CLOCK_SOURCES.length;
  const calibration = new Uint16Array(t.length).fill(facts.calibration);
  return slice({ t, value: rows.value, quality: rows.quality, clock, calibration, calibrations }, from, to);
}

/** Its readings `from` up to, and without, `to`. */
export function slice(piece: Piece, from: number, to: number): Piece {
  if (from === 0 && to === piece.t.length) return piece;
  return {
    t: piece.t.subarray(from, to),
    value: piece.value.subarray(from, to),
    quality: piece.quality.subarray(from, to),
    clock: piece.clock.subarray(from, to),
    calibration: piece.calibration.subarray(from, to),
    calibrations: piece.calibrations,
  };
}

function merge(a: Piece, b: Piece): Piece {
  const n = a.t.length + b.t.length;
  const out: Piece = {
    t: new Float64Array(n),
    value: new Float64Array(n),
    quality: new Uint8Array(n),
    clock: new Uint8Array(n),
    calibration: new Uint16Array(n),
    calibrations: a.calibrations,
  };
  for (let i = 0, j = 0, k = 0; k < n; k++) {
    const first = j === b.t.length || (i < a.t.length && a.t[i]! <= b.t[j]!);
    const from = first ? a : b;
    const at = first ? i++ : j++;
    out.t[k] = from.t[at]!;
    out.value[k] = from.value[at]!;
    out.quality[k] = from.quality[at]!;
    out.clock[k] = from.clock[at]!;
    out.calibration[k] = from.calibration[at]!;
  }
  return out;
}
