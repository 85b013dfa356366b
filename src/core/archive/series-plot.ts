/**
 * What a chart draws of one channel: readings, blocks and chunks go in, at most about two points a pixel and the
 * silences come out. Pure. Few readings come out as they are. Many are gathered by pixel: a bucket begins at the
 * first reading that falls into its pixel and lasts until the next bucket begins; its lo, hi and worst quality are
 * exact for the readings between. Silences and failures narrower than a pixel are not told.
 */
import type { Gap } from '../../shared/engine-contract.ts';
import { qualityByte } from '../../shared/reading.ts';
import type { Statistics } from './chunk-blocks.ts';
import type { Rows } from './chunk-codec.ts';

/** A silence is a gap when it is longer than this many periods. */
const SILENT_PERIODS = 2.5;
const MISSING = qualityByte('missing');

/** Points of a series, columns of equal length, ascending in t. */
export interface Points {
  t: Float64Array;
  lo: Float64Array;
  hi: Float64Array;
  q: Uint8Array;
}

/** A silence between two readings, epoch ms, with the runs they belong to (row ids). */
export interface Silence {
  from: number;
  to: number;
  runBefore: number;
  runAfter: number;
}

/** Epoch-ms range and how finely to look at it. */
export interface Window {
  from: number;
  to: number;
  pixels: number;
}

export class SeriesPlot {
  readonly #window: Window;
  readonly #width: number;
  readonly #raw: boolean;
  readonly #t: Float64Array;
  readonly #lo: Float64Array;
  readonly #hi: Float64Array;
  readonly #q: Uint8Array;
  /** Points while raw, buckets in use else. */
  #n = 0;
  #count = 0;
  #end = Number.NaN;
  #endRun = -1;
  #failing = false;
  #failingSince = Number.NaN;
  readonly silences: Silence[] = [];
  readonly failures: { from: number; to: number }[] = [];
  /** Stretches whose readings rotted on the disk, within the window. */
  readonly rotten: { from: number; to: number }[] = [];

  /** `total`: readings in the window; decides between readings and buckets. */
  constructor(window: Window, total: number) {
    this.#window = window;
    this.#width = Math.max(window.to - window.from, 1e-3) / window.pixels;
    this.#raw = total <= window.pixels * 2;
    const size = this.#raw ? total : window.pixels + 1;
    this.#t = new Float64Array(size).fill(Number.NaN);
    this.#lo = new Float64Array(size).fill(Infinity);
    this.#hi = new Float64Array(size).fill(-Infinity);
    this.#q = new Uint8Array(size);
  }

  /** True when a stretch of so many ms may be given as statistics: it is lost in a pixel. */
  fits(ms: number): boolean {
    return !this.#raw && ms <= this.#width / 2;
  }

  /** Says that the channel had a reading at `t` before the window. */
  before(t: number, run: number): void {
    this.#end = t;
    this.#endRun = run;
  }

  /** The next stretch, by its beginning. `offset` turns its us into epoch ms. */
  add(part: Statistics, offset: number, run: number, periodMs: number): void {
    const from = offset + part.t0 / 1000;
    const to = offset + part.t1 / 1000;
    this.#silence(from, run, periodMs);
    const at = this.#place(from);
    if (!(this.#t[at]! <= from)) this.#t[at] = from;
    if (part.lo < this.#lo[at]!) this.#lo[at] = part.lo;
    if (part.hi > this.#hi[at]!) this.#hi[at] = part.hi;
    if (part.worst > this.#q[at]!) this.#q[at] = part.worst;
    this.#count += part.n;
    this.#health(part.missing === part.n, from);
    if (!(this.#end > to)) {
      this.#end = to;
      this.#endRun = run;
    }
  }

  /** The next readings one by one: rows from..to (excluded). As `add` of each, without an object for each. */
  addRows(rows: Rows, from: number, to: number, offset: number, run: number, periodMs: number): void {
    const allowed = periodMs * SILENT_PERIODS;
    for (let i = from; i < to; i++) {
      const t = offset + rows.us[i]! / 1000;
      const value = rows.value[i]!;
      const quality = rows.quality[i]!;
      if (t - this.#end > allowed) this.#silence(t, run, periodMs);
      const at = this.#place(t);
      if (!(this.#t[at]! <= t)) this.#t[at] = t;
      if (value < this.#lo[at]!) this.#lo[at] = value;
      if (value > this.#hi[at]!) this.#hi[at] = value;
      if (quality > this.#q[at]!) this.#q[at] = quality;
      if (quality === MISSING || this.#failing) this.#health(quality === MISSING, t);
      if (!(this.#end > t)) this.#end = t;
    }
    this.#count += to - from;
    this.#endRun = run;
  }

  /** Says that there are readings from..to that cannot be read any more. */
  unreadable(from: number, to: number): void {
    this.rotten.push({ from: Math.max(from, this.#window.from), to: Math.min(to, this.#window.to) });
  }

  /** Says that the channel has a reading at `t` after the window. */
  after(t: number, run: number, periodMs: number): void {
    this.#silence(t, run, periodMs);
  }

  /** The points, with a NaN between where there is a silence, and the readings behind them. */
  finish(): Points & { count: number } {
    this.#health(false, this.#end);
    const used = this.#raw
      ? Array.from({ length: this.#n }, (_, i) => i)
      : Array.from(this.#t.keys()).filter((i) => !Number.isNaN(this.#t[i]));
    const breaks = this.silences.map((s) => (s.from + s.to) / 2);
    const t = [...used.map((i) => this.#t[i]!), ...breaks];
    const order = t.map((_, i) => i).sort((a, b) => t[a]! - t[b]! || a - b);
    const pick = (column: Float64Array) => (i: number) => {
      const value = i < used.length ? column[used[i]!]! : Number.NaN;
      return Number.isFinite(value) ? value : Number.NaN;
    };
    return {
      t: Float64Array.from(order, (i) => t[i]!),
      lo: Float64Array.from(order, pick(this.#lo)),
      hi: Float64Array.from(order, pick(this.#hi)),
      q: Uint8Array.from(order, (i) => (i < used.length ? this.#q[used[i]!]! : MISSING)),
      count: this.#count,
    };
  }

  #place(t: number): number {
    if (this.#raw) return this.#n++;
    return Math.min(this.#window.pixels, Math.floor((t - this.#window.from) / this.#width));
  }

  #silence(t: number, run: number, periodMs: number): void {
    const silent = t - this.#end;
    if (!(silent > periodMs * SILENT_PERIODS) || this.#tooNarrow(silent)) return;
    this.silences.push({ from: this.#end, to: t, runBefore: this.#endRun, runAfter: run });
  }

  #health(failing: boolean, t: number): void {
    if (failing === this.#failing) return;
    this.#failing = failing;
    if (failing) this.#failingSince = t;
    else if (!this.#tooNarrow(t - this.#failingSince))
      this.failures.push({ from: this.#failingSince, to: t });
  }

  #tooNarrow(ms: number): boolean {
    return ms < this.#width;
  }
}

/** Gaps of a channel in the contract's form. */
export function gapsOf(
  channel: number,
  plot: SeriesPlot,
  reason: (silence: Silence) => Gap['reason'],
): Gap[] {
  // the silence that a rotten stretch leaves is told by it
  const silences = plot.silences.filter((s) => !plot.rotten.some((r) => r.from < s.to && r.to > s.from));
  return [
    ...silences.map((s): Gap => ({ channel, from: s.from, to: s.to, reason: reason(s) })),
    ...plot.rotten.map((r): Gap => ({ channel, from: r.from, to: r.to, reason: 'unreadable' })),
    ...plot.failures.map((f): Gap => ({ channel, from: f.from, to: f.to, reason: 'sensor-failed' })),
  ].toSorted((a, b) => a.from - b.from);
}
