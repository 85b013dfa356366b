/** Which time the charts show: buttons, the time in words, and the moment under the cursor. */
import IconPlayerPlayFilled from '@tabler/icons-react/dist/esm/icons/IconPlayerPlayFilled.mjs';
import { useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { useNow } from '../../parts/use-now.ts';
import { doubtsOf } from '../../series/doubt.ts';
import type { ChartRange } from '../../stores/ui-store.ts';
import type { ChartStack } from './chart-stack.ts';
import styles from './charts.module.css';
import { cursorWords, rangeWords } from './range-words.ts';
import { SPANS } from './time-range.ts';

interface RangeBarProps {
  stack: ChartStack;
  range: ChartRange;
  onRange: (range: ChartRange) => void;
  onLive: () => void;
  unsureSince: () => number | null;
}

export function RangeBar({ stack, range, onRange, onLive, unsureSince }: RangeBarProps) {
  const now = useNow();
  const at = useStore(stack.cursor, (state) => state.at);
  const loading = useSyncExternalStore(stack.feed.subscribe, () => stack.feed.loading);
  const { absolute, relative } = rangeWords(range, stack.window(), now);
  const doubt =
    at === null
      ? undefined
      : doubtsOf(stack.feed.spans, unsureSince()).find(({ from, to }) => at >= from && at <= to);
  const live = range.mode !== 'fixed';
  return (
    <div className={styles.bar}>
      <div className={`${styles.ranges} no-print`} role="group" aria-label="Time shown">
        {SPANS.map(({ label, spanMs }) => (
          <button
            key={label}
            type="button"
            className={styles.range}
            aria-pressed={range.mode === 'live' && range.spanMs === spanMs}
            onClick={() => onRange({ mode: 'live', spanMs })}
          >
            {label}
          </button>
        ))}
        <button
          type="button"
          className={styles.range}
          aria-pressed={range.mode === 'all'}
          onClick={() => onRange({ mode: 'all' })}
        >
          All
        </button>
      </div>
      <button
        type="button"
        className={`${styles.live} no-print`}
        aria-pressed={live}
        title={live ? 'The charts move on with the time' : 'Back to now (L)'}
        onClick={onLive}
      >
        <IconPlayerPlayFilled size={12} aria-hidden />
        Live
      </button>
      <p className={styles.when} data-loading={loading} data-testid="shown">
        {at === null ? (
          <>
            <strong>{relative}</strong> <span>{absolute}</span>
          </>
        ) : (
          <>
            <strong>At the cursor</strong>{' '}
            <span>{cursorWords(at, now, doubt?.from ?? null, doubt?.why)}</span>
          </>
        )}
      </p>
    </div>
  );
}
