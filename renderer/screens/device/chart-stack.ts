/**
 * The charts of one device as a whole: one time shown, one cursor, one rhythm of drawing, one width asked for.
 * Knows what is shown from the ui store and the feed; the tab and the keys tell it what a person does.
 */
import { createChartCursor } from '../../chart/chart-cursor.ts';
import { ChartFrames, type FrameSource, type TimeWindow } from '../../chart/chart-frames.ts';
import type { ChartRange } from '../../stores/ui-store.ts';
import type { DeviceFeed } from './device-feed.ts';
import { windowOf } from './time-range.ts';

/** Width of a chart before the first one has told its own, canvas px. */
const USUAL_PIXELS = 1000;

export class ChartStack {
  readonly cursor = createChartCursor();
  readonly frames: ChartFrames;
  readonly feed: DeviceFeed;
  readonly #range: () => ChartRange;
  readonly #now: () => number;
  #pixels = 0;
  #oldest: number | null = null;
  /** Ranges shown before, for stepping back. */
  readonly #past: ChartRange[] = [];

  constructor(options: {
    feed: DeviceFeed;
    range: () => ChartRange;
    now: () => number;
    frames: FrameSource;
  }) {
    this.feed = options.feed;
    this.#range = options.range;
    this.#now = options.now;
    this.frames = new ChartFrames(() => this.window(), options.frames);
  }

  /** The time shown now. */
  window(): TimeWindow {
    const facts = { now: this.#now(), oldest: this.#oldest, newest: this.feed.series.newest };
    return windowOf(this.#range(), facts, this.#pixels || USUAL_PIXELS);
  }

  /** Time of the first reading, for a range that shows all. */
  setOldest(oldest: number | null): void {
    if (oldest === this.#oldest) return;
    this.#oldest = oldest;
    this.show();
  }

  /** Told by each chart when it has a size; all are equally wide. */
  setPixels(pixels: number): void {
    if (pixels === this.#pixels) return;
    this.#pixels = pixels;
    this.show();
  }

  /** Fetches what the range asks for now, and draws. */
  show(): void {
    if (this.#pixels > 0) this.feed.show(() => this.window(), this.#pixels);
    this.frames.invalidate();
  }

  /** Remembers the range that is left for another. */
  leave(range: ChartRange): void {
    this.#past.push(range);
    if (this.#past.length > 50) this.#past.shift();
  }

  /** The range shown before, null when there was none. */
  back(): ChartRange | null {
    return this.#past.pop() ?? null;
  }
}
