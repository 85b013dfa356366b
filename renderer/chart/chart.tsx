/**
 * One chart: channels of one quantity over time. Owns a uPlot, its size and its legend. Refuses data fetching and the
 * choice of time: the stack hands in the lines, the frames and the cursor. The device page uses it, once per group.
 */
import 'uplot/dist/uPlot.min.css';
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react';
import type { Quantity } from '../../src/shared/quantity.ts';
import type { ChartCursor } from './chart-cursor.ts';
import { setCursor } from './chart-cursor.ts';
import type { ChartFrames } from './chart-frames.ts';
import { ChartLegend } from './chart-legend.tsx';
import { ChartPainter, type ChartContext, type ChartLine } from './chart-painter.ts';
import styles from './chart.module.css';

/** A line with the name of its channel. */
export interface NamedLine extends ChartLine {
  name: string;
}

export interface ChartProps {
  title: string;
  quantity: Quantity;
  /** A new array makes a new chart. */
  lines: readonly NamedLine[];
  context: ChartContext;
  frames: ChartFrames;
  cursor: ChartCursor;
  syncKey: string;
  onZoom(from: number, to: number): void;
  onBack(): void;
  /** Told the width of the plotting area in canvas pixels, at first and when it changes. */
  onPixels(pixels: number): void;
  /** Being printed: takes its new size at once. */
  paper: boolean;
}

export function Chart(props: ChartProps) {
  const { title, quantity, lines, context, frames, cursor, syncKey, paper } = props;
  const place = useRef<HTMLDivElement>(null);
  const onZoom = useEffectEvent((from: number, to: number) => props.onZoom(from, to));
  const onBack = useEffectEvent(() => props.onBack());
  const onPixels = useEffectEvent((pixels: number) => props.onPixels(pixels));
  const [painter, setPainter] = useState<ChartPainter | null>(null);

  useEffect(() => {
    const target = place.current;
    if (!target) return;
    const made = new ChartPainter(target, lines, context, {
      width: target.clientWidth,
      height: target.clientHeight,
      quantity,
      syncKey,
      onCursor: (at) => setCursor(cursor, at),
      onZoom: (from, to) => onZoom(from, to),
      onBack: () => onBack(),
      onHold: (held) => frames.hold(held),
    });
    const size = new ResizeObserver(() => {
      made.resize(target.clientWidth, target.clientHeight);
      onPixels(made.pixels);
      frames.invalidate();
    });
    size.observe(target);
    const remove = frames.add((window) => made.paint(window));
    setPainter(made);
    return () => {
      remove();
      size.disconnect();
      made.destroy();
      setPainter(null);
    };
  }, [lines, context, frames, cursor, quantity, syncKey]);

  useLayoutEffect(() => {
    if (paper && place.current) painter?.resize(place.current.clientWidth, place.current.clientHeight);
  }, [paper, painter]);

  return (
    <figure className={styles.chart}>
      <figcaption className={styles.caption}>
        <h3>{title}</h3>
        {painter && <ChartLegend painter={painter} lines={lines} quantity={quantity} cursor={cursor} />}
      </figcaption>
      <div className={styles.plot} ref={place} role="img" aria-label={`${title} over time`} />
    </figure>
  );
}
