/** The newest stretch of one channel, thumb-nail size, without axes: ends at its newest reading. */
import { useEffect, useRef } from 'react';
import type { ChannelSeries } from '../series/channel-series.ts';
import { SeriesView } from '../series/series-view.ts';
import type { ChartFrames } from './chart-frames.ts';
import { chartTheme, followChartTheme } from './chart-theme.ts';
import styles from './chart.module.css';
import { strokeLines } from './line-path.ts';
import { includeValues, rangeToShow } from './value-range.ts';

interface SparklineProps {
  series: ChannelSeries;
  frames: ChartFrames;
  /** 0 to 7. */
  colour: number;
  decimals: number;
  /** How far back it looks, ms. */
  spanMs: number;
}

export function Sparkline({ series, frames, colour, decimals, spanMs }: SparklineProps) {
  const place = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const canvas = place.current;
    if (!canvas) return;
    const view = new SeriesView();
    let drawn = -1;
    const draw = () => {
      const version = series.version;
      if (version === drawn) return;
      drawn = version;
      drawSparkline(canvas, view, series, { colour, decimals, spanMs });
    };
    const remove = frames.add(draw);
    const unfollow = followChartTheme(() => {
      drawn = -1;
      draw();
    });
    return () => {
      remove();
      unfollow();
    };
  }, [series, frames, colour, decimals, spanMs]);

  return <canvas className={styles.sparkline} ref={place} aria-hidden />;
}

function drawSparkline(
  canvas: HTMLCanvasElement,
  view: SeriesView,
  series: ChannelSeries,
  { colour, decimals, spanMs }: { colour: number; decimals: number; spanMs: number },
): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const theme = chartTheme();
  canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
  canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
  const to = series.last.at ?? 0;
  const from = to - spanMs;
  series.viewRecent(from, to, Math.max(1, canvas.width), view);
  const values = { min: Infinity, max: -Infinity };
  includeValues(view, from, to + 1, values);
  const { min, max } = rangeToShow(values, decimals, null);
  const width = theme.line * devicePixelRatio;
  const yPerUnit = -(canvas.height - width) / (max - min);
  const at = {
    t0: from,
    x0: 0,
    xPerMs: (canvas.width - width) / spanMs,
    y0: width / 2 - max * yPerUnit,
    yPerUnit,
  };
  pen.lineWidth = width;
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  pen.strokeStyle = theme.series[colour] ?? theme.ink;
  for (const doubt of [false, true]) {
    const path = new Path2D();
    strokeLines(view, at, doubt, path);
    pen.setLineDash(doubt ? [4 * devicePixelRatio, 3 * devicePixelRatio] : []);
    pen.stroke(path);
  }
}
