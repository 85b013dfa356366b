/** Each channel's name and colour, and its value at the cursor; without a cursor, the range that is shown. */
import { useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { QUANTITIES, type Quantity } from '../../src/shared/quantity.ts';
import { qualityName } from '../../src/shared/reading.ts';
import { readingAt } from '../series/reading-at.ts';
import { formatValue } from '../text/format.ts';
import type { ChartCursor } from './chart-cursor.ts';
import type { ChartPainter } from './chart-painter.ts';
import type { NamedLine } from './chart.tsx';
import styles from './chart.module.css';
import { gapWords } from './gap-words.ts';
import { includeValues } from './value-range.ts';

interface LegendProps {
  painter: ChartPainter;
  lines: readonly NamedLine[];
  quantity: Quantity;
  cursor: ChartCursor;
}

/** How far from the pointer a value may stand and still be told, CSS px. */
const REACH_PX = 8;
const NO_READING = 'no reading';

export function ChartLegend({ painter, lines, quantity, cursor }: LegendProps) {
  const at = useStore(cursor, (state) => state.at);
  useSyncExternalStore(painter.onPainted, () => painter.painted);
  const gap = at === null ? undefined : painter.gaps.find(({ from, to }) => at >= from && at <= to);
  const entries = lines.map((line, index) => entry(painter, line, index, quantity, at));
  if (gap && entries.every(({ text }) => text === NO_READING))
    return (
      <p className={styles.legend}>
        <span className={styles.gap}>{gapWords(gap)}</span>
      </p>
    );
  return (
    <ul className={styles.legend}>
      {lines.map((line, index) => {
        const { text = '', quality = null } = entries[index] ?? {};
        return (
          <li key={line.name} className={styles.entry}>
            <span
              className={styles.swatch}
              style={{ background: `var(--series-${line.colour + 1})` }}
              aria-hidden
            />
            {lines.length > 1 && line.name}
            <span className={styles.value}>{text}</span>
            {quality !== null && <span className={styles.doubt}>{quality}</span>}
          </li>
        );
      })}
    </ul>
  );
}

function entry(
  painter: ChartPainter,
  line: NamedLine,
  index: number,
  quantity: Quantity,
  at: number | null,
): { text: string; quality: string | null } {
  const view = painter.views[index];
  if (!view) return { text: '', quality: null };
  const { from, to } = painter.shown;
  if (at === null) {
    const range = { min: Infinity, max: -Infinity };
    includeValues(view, from, to, range);
    return { text: span(range.min, range.max, quantity, line.decimals), quality: null };
  }
  const pixel = (to - from) / Math.max(1, painter.plot.over.clientWidth);
  const row = readingAt(view, at, Math.max(line.series.silenceMs, REACH_PX * pixel));
  if (row < 0) return { text: NO_READING, quality: null };
  const text = span(view.lo[row] as number, view.hi[row] as number, quantity, line.decimals);
  const quality = view.q[row] ?? 0;
  return { text, quality: quality === 0 ? null : quality === 3 ? 'some missing' : qualityName(quality) };
}

/** `21.0 to 23.4 °C`; sizes and times, whose units differ, keep both. */
function span(low: number, high: number, quantity: Quantity, decimals: number): string {
  if (low > high) return '';
  const [a, b] = [formatValue(low, quantity, decimals), formatValue(high, quantity, decimals)];
  if (a === b) return a;
  const unit = `\u00a0${QUANTITIES[quantity].symbol}`;
  return `${a.endsWith(unit) ? a.slice(0, -unit.length) : a} to ${b}`;
}
