/** The page that chart.ts measures: the product's own series and painter, fed by a clock instead of an engine. */
import '../../renderer/styles/tokens.css';
import 'uplot/dist/uPlot.min.css';
import { ChartFrames, pageFrames } from '../../renderer/chart/chart-frames.ts';
import { ChartPainter } from '../../renderer/chart/chart-painter.ts';
import { ChannelSeries } from '../../renderer/series/channel-series.ts';
import { decimate } from '../../renderer/series/decimate.ts';
import { SeriesView } from '../../renderer/series/series-view.ts';

const PERIOD_MS = 100;

function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function wave(line: number, t: number): number {
  return line + Math.sin(t / 3000 + line) * 3 + Math.sin(t * 12.9898 + line * 78.233) * 0.5;
}

/** `count` series of `points` points on one chart, a new reading each every 100 ms, for `seconds`. */
export async function live(count: number, points: number, seconds: number) {
  const target = document.querySelector<HTMLElement>('#chart');
  if (!target) throw new Error('there is no #chart');
  const lines = Array.from({ length: count }, (_, line) => ({
    series: new ChannelSeries(PERIOD_MS),
    colour: line % 8,
    decimals: 1,
  }));
  const start = Math.floor(Date.now() / PERIOD_MS) * PERIOD_MS;
  for (const [line, { series }] of lines.entries())
    for (let i = points; i > 0; i--)
      series.append(start - i * PERIOD_MS, wave(line, start - i * PERIOD_MS), 0);

  const spanMs = points * PERIOD_MS;
  const frames = new ChartFrames(() => {
    const to = Math.ceil(Date.now() / PERIOD_MS) * PERIOD_MS;
    return { from: to - spanMs, to };
  }, pageFrames);
  const painter = new ChartPainter(
    target,
    lines,
    {
      gaps: () => [],
      silence: () => ({ upTo: Date.now(), reason: 'unknown' }),
      unsure: () => [],
      version: () => '',
    },
    {
      width: 1200,
      height: 600,
      quantity: 'temperature',
      syncKey: 'bench',
      onCursor: () => {},
      onZoom: () => {},
      onBack: () => {},
      onHold: () => {},
    },
  );
  const costs: number[] = [];
  frames.add((window) => {
    const before = performance.now();
    if (painter.paint(window)) costs.push(performance.now() - before);
  });

  const gaps: number[] = [];
  let newest = start;
  let last = performance.now();
  const begin = last;
  let open = true;
  const watch = (now: number) => {
    gaps.push(now - last);
    last = now;
    if (open) requestAnimationFrame(watch);
  };
  requestAnimationFrame(watch);
  const feed = setInterval(() => {
    for (; newest <= Date.now(); newest += PERIOD_MS)
      for (const [line, { series }] of lines.entries()) series.append(newest, wave(line, newest), 0);
    frames.invalidate();
  }, PERIOD_MS);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  open = false;
  clearInterval(feed);
  frames.stop();
  const elapsed = performance.now() - begin;
  painter.destroy();
  return {
    draws: costs.length,
    drawP50: percentile(costs, 0.5),
    drawP95: percentile(costs, 0.95),
    frameP95: percentile(gaps.slice(2), 0.95),
    fps: ((gaps.length - 1) * 1000) / elapsed,
  };
}

/** `count` readings onto 1,000 pixels, median of `times`; the smallest and largest value must survive. */
export function decimation(
  count: number,
  times: number,
): { ms: number; rows: number; extremesKept: boolean } {
  const t = new Float64Array(count);
  const value = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    t[i] = i * PERIOD_MS;
    value[i] = (i * 7919) % 1000;
  }
  value[Math.floor(count / 3)] = 5000;
  value[Math.floor(count / 2)] = -5000;
  const columns = { t, lo: value, hi: value, q: new Uint8Array(count), start: 0, end: count };
  const view = new SeriesView();
  const costs: number[] = [];
  for (let i = 0; i < times; i++) {
    const before = performance.now();
    decimate(columns, 0, count * PERIOD_MS, 1000, view);
    costs.push(performance.now() - before);
  }
  const extremesKept =
    view.hi.subarray(0, view.end).includes(5000) && view.lo.subarray(0, view.end).includes(-5000);
  return { ms: percentile(costs, 0.5), rows: view.end, extremesKept };
}

declare global {
  interface Window {
    bench?: { live: typeof live; decimation: typeof decimation };
  }
}
window.bench = { live, decimation };
