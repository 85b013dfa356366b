/**
 * What uPlot is told about a chart: two axes, a time scale, and for each channel a line that can be believed and a
 * dashed one that cannot. uPlot draws axes and cursor and decides scales; the lines come from columns by `Drawing`.
 * Here and only here ms become the seconds uPlot counts in.
 */
import type uPlot from 'uplot';
import type { Quantity } from '../../src/shared/quantity.ts';
import { withAlpha, type ChartTheme } from './chart-theme.ts';
import type { ValueRange } from './value-range.ts';
import { timeTickLabels } from './time-ticks.ts';
import { valueTickLabels } from './value-ticks.ts';

/** What a chart's lines and ground are drawn from, asked at every frame. */
export interface Drawing {
  theme(): ChartTheme;
  range(): ValueRange;
  /** Paths of line `line`; `doubt` asks for its doubtful stretches. */
  paths(plot: uPlot, line: number, doubt: boolean): uPlot.Series.Paths | null;
  underlay(plot: uPlot): void;
}

export interface ChartOptions {
  width: number;
  height: number;
  quantity: Quantity;
  /** Colour of each line, 0 to 7. */
  colours: readonly number[];
  /** Charts with the same key share their cursor. */
  syncKey: string;
  drawing: Drawing;
  onCursor(at: number | null, plot: uPlot): void;
  onZoom(from: number, to: number): void;
  onBack(): void;
  onHold(held: boolean): void;
}

/** Width of the value axis, CSS px: one for all, so that stacked charts stand in line. */
const VALUE_AXIS = 64;
/** Height of the time axis with one line of labels, and with the day below. */
const TIME_AXIS = 22;
const TIME_AXIS_DAY = 38;
/** Half the width of a time with seconds, less the padding beside the plot. */
const HALF_LABEL = 22;
const DRAG_LEAST = 4;
const BAND_OPACITY = 0.22;

/** Dashes of a doubtful line of `line` CSS px, in canvas px, which is what uPlot hands to the canvas. */
export function doubtDash(line: number): number[] {
  const ratio = globalThis.devicePixelRatio ?? 1;
  return [3.5 * line * ratio, 2.5 * line * ratio];
}

/** uPlot options. Pure. */
export function chartOptions(chart: ChartOptions): uPlot.Options {
  const { drawing } = chart;
  return {
    width: chart.width,
    height: chart.height,
    legend: { show: false },
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: true, auto: false },
      y: {
        range: () => {
          const { min, max } = drawing.range();
          return [min, max];
        },
      },
    },
    axes: axes(chart),
    series: [{}, ...chart.colours.flatMap((colour, line) => lines(drawing, colour, line))],
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: DRAG_LEAST },
      sync: { key: chart.syncKey, scales: ['x', null], filters: { pub: (type) => type === 'mousemove' } },
      bind: {
        mousedown: (_plot, _target, handle) => (event) => {
          if (event.button !== 0) return null;
          chart.onHold(true);
          document.addEventListener('mouseup', () => chart.onHold(false), { once: true });
          return handle(event);
        },
        dblclick: () => () => {
          chart.onBack();
          return null;
        },
      },
    },
    hooks: {
      drawAxes: [(plot) => drawing.underlay(plot)],
      setCursor: [
        (plot) => {
          const { left } = plot.cursor;
          chart.onCursor(left === undefined || left < 0 ? null : plot.posToVal(left, 'x') * 1000, plot);
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (width >= DRAG_LEAST)
            chart.onZoom(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000);
        },
      ],
    },
  };
}

function axes({ drawing, quantity }: ChartOptions): uPlot.Axis[] {
  const grid = { stroke: () => drawing.theme().grid, width: 1 };
  const look = {
    stroke: () => drawing.theme().faint,
    font: drawing.theme().font,
    grid,
    ticks: { ...grid, size: 4 },
  };
  return [
    {
      ...look,
      size: (_plot, labels) => (labels?.some((label) => label.includes('\n')) ? TIME_AXIS_DAY : TIME_AXIS),
      space: 70,
      gap: 4,
      values: (plot, ticks, _axis, _space, step) => {
        const labels = timeTickLabels(ticks, step);
        // a label that the border would cut in two is left out
        const last = ticks.length - 1;
        const room = plot.over.clientWidth - plot.valToPos(ticks[last] ?? 0, 'x');
        return room < HALF_LABEL ? labels.with(last, '') : labels;
      },
    },
    {
      ...look,
      size: VALUE_AXIS,
      space: 28,
      gap: 4,
      values: (_plot, ticks, _axis, _space, step) => valueTickLabels(ticks, step, quantity),
    },
  ];
}

function lines(drawing: Drawing, colour: number, line: number): uPlot.Series[] {
  const stroke = () => drawing.theme().series[colour] ?? drawing.theme().ink;
  const look = {
    stroke,
    width: drawing.theme().line,
    cap: 'round' as const,
    points: { show: false },
    pxAlign: 0,
  };
  return [
    {
      ...look,
      fill: () => withAlpha(stroke(), BAND_OPACITY),
      paths: (plot) => drawing.paths(plot, line, false),
    },
    {
      ...look,
      cap: 'butt',
      dash: doubtDash(drawing.theme().line),
      paths: (plot) => drawing.paths(plot, line, true),
    },
  ];
}
