/**
 * Draws one chart: asks each channel for the columns of the time shown at the canvas's own width, and hands uPlot one
 * `setData` a frame, and none when nothing has changed.
 */
import uPlot from 'uplot';
import type { Gap } from '../../src/shared/engine-contract.ts';
import type { ChannelSeries } from '../series/channel-series.ts';
import { gapSpans, type GapReason, type GapSpan } from '../series/gap-spans.ts';
import { SeriesView } from '../series/series-view.ts';
import type { TimeWindow } from './chart-frames.ts';
import { chartTheme, followChartTheme, type ChartTheme } from './chart-theme.ts';
import { drawUnderlay } from './gap-layer.ts';
import { hasDoubt, outlineBands, strokeLines, type Projection } from './line-path.ts';
import { chartOptions, doubtDash, type ChartOptions, type Drawing } from './options.ts';
import { includeValues, rangeToShow, type ValueRange } from './value-range.ts';

/** One channel on a chart. */
export interface ChartLine {
  series: ChannelSeries;
  /** 0 to 7, by the channel's place in its device. */
  colour: number;
  decimals: number;
}

/** What is known beside the readings, asked at every frame. */
export interface ChartContext {
  /** Gaps of line `line` that the archive explains. */
  gaps(line: number): readonly Gap[];
  /** Time up to which readings should have come by now (epoch ms), and why a silent line is silent. */
  silence(): { upTo: number; reason: GapReason };
  /** Stretches whose times cannot be believed. */
  unsure(): readonly TimeWindow[];
  /** Changes when any of the above does. */
  version(): string;
}

/**
 * With more lines than this on one chart, each is one canvas pixel wide: thick ones would hide each other, and
 * without a GPU a wider line takes ten times as long to draw (tests/bench/chart.ts).
 */
const THICK_LINES = 16;

/** Narrower gaps than this are not hatched, canvas px. */
const SHORTEST_GAP = 2;

export class ChartPainter {
  readonly plot: uPlot;
  readonly views: SeriesView[];
  gaps: GapSpan[] = [];
  shown: TimeWindow = { from: 0, to: 1 };
  /** Drawings so far. */
  painted = 0;
  readonly #lines: readonly ChartLine[];
  readonly #context: ChartContext;
  #range: ValueRange | null = null;
  #key = '';
  readonly #listeners = new Set<() => void>();
  readonly #stopFollowing: () => void;

  constructor(
    target: HTMLElement,
    lines: readonly ChartLine[],
    context: ChartContext,
    options: Omit<ChartOptions, 'drawing' | 'colours'>,
  ) {
    this.#lines = lines;
    this.#context = context;
    this.views = lines.map(() => new SeriesView());
    const drawing: Drawing = {
      theme: () => this.#theme(),
      range: () => this.#range ?? { min: 0, max: 1 },
      paths: (plot, line, doubt) => this.#paths(plot, line, doubt),
      underlay: (plot) => this.#underlay(plot),
    };
    const colours = lines.map((line) => line.colour);
    this.plot = new uPlot(chartOptions({ ...options, colours, drawing }), this.#data(), target);
    this.#stopFollowing = followChartTheme(() => this.#retheme());
  }

  /** Canvas pixels across the plotting area: what a query should ask for. */
  get pixels(): number {
    return Math.max(1, Math.round(this.plot.bbox.width));
  }

  /** Draws `window`, unless exactly that is on the canvas already. True when it drew. */
  paint(window: TimeWindow): boolean {
    const { upTo, reason } = this.#context.silence();
    const versions = this.#lines.map((line) => line.series.version).join();
    const silent = this.#lines.map(({ series }) => this.#silentSince(series, upTo) !== null).join();
    const key = `${window.from} ${window.to} ${this.plot.bbox.width} ${versions} ${this.#context.version()} ${silent}`;
    if (key === this.#key) return false;
    this.#key = key;
    this.shown = window;
    const { from, to } = window;
    const data: ValueRange = { min: Infinity, max: -Infinity };
    const shortest = ((to - from) / this.pixels) * SHORTEST_GAP;
    const gaps = this.#lines.flatMap(({ series }, line) => {
      const view = this.views[line] as SeriesView;
      series.view(from, to, this.pixels, view);
      includeValues(view, from, to, data);
      const since = this.#silentSince(series, upTo);
      const end = since === null ? null : { since, reason };
      return gapSpans(
        view,
        this.#context.gaps(line),
        from,
        Math.min(to, Math.max(upTo, from)),
        shortest,
        end,
      );
    });
    // channels of one sensor fail together: what is hatched once is not hatched again
    this.gaps = [...new Map(gaps.map((gap) => [`${gap.from} ${gap.to} ${gap.reason}`, gap])).values()];
    const decimals = Math.max(0, ...this.#lines.map((line) => line.decimals));
    this.#range = rangeToShow(data, decimals, this.#range);
    this.plot.batch(() => {
      this.plot.setData(this.#data(), false);
      this.plot.setScale('x', { min: from / 1000, max: to / 1000 });
    });
    this.painted++;
    for (const tell of this.#listeners) tell();
    return true;
  }

  /** Calls `fn` after every drawing; the result stops it. */
  readonly onPainted = (fn: () => void): (() => void) => {
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  };

  resize(width: number, height: number): void {
    if (width !== this.plot.width || height !== this.plot.height) this.plot.setSize({ width, height });
  }

  destroy(): void {
    this.#stopFollowing();
    this.plot.destroy();
  }

  /** When a line fell silent, null while it has not. A flush of the device may be on its way: 3 s are allowed. */
  #silentSince(series: ChannelSeries, upTo: number): number | null {
    const { at } = series.last;
    return at !== null && upTo - at > series.silenceMs + 3000 ? at : null;
  }

  /** The borders of time and values: uPlot needs no more, since the lines are drawn from the views. */
  #data(): uPlot.AlignedData {
    const x = [this.shown.from / 1000, this.shown.to / 1000];
    const y = this.#range ? [this.#range.min, this.#range.max] : [null, null];
    return [x, ...this.#lines.flatMap(() => [y, y])];
  }

  #projection(plot: uPlot): Projection {
    const { left, top, width, height } = plot.bbox;
    const { min = 0, max = 1 } = plot.scales['y'] ?? {};
    const { from, to } = this.shown;
    const yPerUnit = -height / (max - min);
    return { t0: from, x0: left, xPerMs: width / (to - from), y0: top - max * yPerUnit, yPerUnit };
  }

  #paths(plot: uPlot, line: number, doubt: boolean): uPlot.Series.Paths | null {
    const view = this.views[line];
    if (!view || view.end === 0 || (doubt && !hasDoubt(view))) return null;
    const at = this.#projection(plot);
    const stroke = new Path2D();
    strokeLines(view, at, doubt, stroke);
    if (doubt) return { stroke };
    const fill = new Path2D();
    outlineBands(view, at, fill);
    return { stroke, fill };
  }

  #underlay(plot: uPlot): void {
    const area = { ...plot.bbox, ...this.shown, ratio: devicePixelRatio };
    drawUnderlay(plot.ctx, area, this.gaps, this.#context.unsure(), chartTheme());
  }

  #theme(): ChartTheme {
    const theme = chartTheme();
    return this.#lines.length > THICK_LINES ? { ...theme, line: 1 / devicePixelRatio } : theme;
  }

  #retheme(): void {
    const theme = this.#theme();
    for (const series of this.plot.series.slice(1)) {
      series.width = theme.line;
      if (series.dash) series.dash = doubtDash(theme.line);
    }
    this.plot.redraw();
  }
}
