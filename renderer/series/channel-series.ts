/**
 * All that the page holds of one channel: the history it asked for and the live tail, drawn as one line.
 * Owns the promise that no reading is doubled or lost between the two. Refuses: fetching (device-feed.ts does).
 */
import { NO_COLUMNS, type Columns } from './columns.ts';
import { decimate } from './decimate.ts';
import { mergeColumns, SILENCE_PERIODS } from './merge.ts';
import { ColumnRing } from './ring.ts';
import { SeriesView } from './series-view.ts';

/** Readings a channel's tail may hold: over two hours at one a second. */
const TAIL_ROWS = 8192;

/** Rows that were asked for. `bucketMs`: the time that one of them may stand for; 0 when they are readings. */
export interface History {
  columns: Columns;
  bucketMs: number;
}
const NO_HISTORY: History = { columns: NO_COLUMNS, bucketMs: 0 };

/** The newest reading of a channel. */
export interface LastReading {
  /** Epoch ms of the newest value, null before the first. */
  at: number | null;
  value: number;
  /** Quality byte of the newest reading, which may have had no value. */
  quality: number;
}

export class ChannelSeries {
  readonly periodMs: number;
  readonly last: LastReading = { at: null, value: Number.NaN, quality: 0 };
  readonly #tail: ColumnRing;
  readonly #merged = new SeriesView();
  #history: History = NO_HISTORY;
  #recent: History = NO_HISTORY;
  #covered = 0;
  #disordered = false;
  #version = 0;

  constructor(periodMs: number, tailRows = TAIL_ROWS) {
    this.periodMs = periodMs;
    this.#tail = new ColumnRing(tailRows);
  }

  /** Changes with every change of what `view` would show. */
  get version(): number {
    return this.#version;
  }

  /** A longer silence than this, in ms, is a gap. */
  get silenceMs(): number {
    return this.periodMs * SILENCE_PERIODS;
  }

  /** Live readings, oldest first; the arrays belong to the series. */
  get tail(): Columns {
    return this.#tail.columns();
  }

  /** Rows the tail has taken so far. Note it before asking for history and hand it to `setHistory`. */
  get taken(): number {
    return this.#tail.dropped + this.#tail.length;
  }

  /** True when the tail alone cannot continue the history any more: ask for it again. */
  get needsHistory(): boolean {
    return this.#disordered || this.#tail.dropped > this.#covered;
  }

  /** Takes a live reading. One that was taken before is ignored; one out of order waits for the next history. */
  append(t: number, value: number, quality: number): void {
    this.note(t, value, quality);
    if (this.#tail.push(t, value, quality)) this.#version++;
    else if (t !== this.#tail.lastTime) this.#disordered = true;
  }

  /** Takes a newest reading known from elsewhere, for `last` only. */
  note(t: number, value: number, quality: number): void {
    if (this.last.at !== null && t <= this.last.at) return;
    this.last.quality = quality;
    if (Number.isNaN(value)) return;
    this.last.at = t;
    this.last.value = value;
  }

  /** Replaces the history. `taken` is what `taken` was when it was asked for. */
  setHistory(history: History, taken: number): void {
    this.#history = history;
    this.#covered = taken;
    this.#disordered = false;
    this.#version++;
  }

  /** Replaces the history behind the newest stretch, see `viewRecent`. */
  setRecent(history: History): void {
    this.#recent = history;
    this.#version++;
  }

  /** Drops the tail, for a reader that fell behind: the history asked for next holds it all. */
  resetTail(): void {
    const rows = this.taken;
    this.#tail.clear();
    this.#covered = rows;
    this.#disordered = true;
    this.#version++;
  }

  /** Writes into `out` what is to be drawn of `from…to` (epoch ms) on `pixels` pixels. */
  view(from: number, to: number, pixels: number, out: SeriesView): void {
    this.#draw(this.#history, from, to, pixels, out);
  }

  /** As `view`, of the newest stretch: with the history that `setRecent` brought, whatever time is looked at. */
  viewRecent(from: number, to: number, pixels: number, out: SeriesView): void {
    this.#draw(this.#recent, from, to, pixels, out);
  }

  #draw({ columns, bucketMs }: History, from: number, to: number, pixels: number, out: SeriesView): void {
    const tail = this.#tail.columns();
    mergeColumns(columns, tail, from, to, this.silenceMs, bucketMs, this.#merged);
    decimate(this.#merged, from, to, pixels, out);
  }
}
