/** All of a device's channels over time: what happened, when, and can I believe it. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { Channel } from '../../../src/shared/engine-contract.ts';
import { pageFrames } from '../../chart/chart-frames.ts';
import { moveCursor } from '../../chart/move-cursor.ts';
import { followPrinting } from '../../chart/follow-printing.ts';
import { pageClock } from '../../page-clock.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { useCalls, useMuster, useUi } from '../../stores/muster.tsx';
import type { ChartRange } from '../../stores/ui-store.ts';
import { chartGroups } from './chart-groups.ts';
import { ChartRow } from './chart-row.tsx';
import { ChartStack } from './chart-stack.ts';
import styles from './charts.module.css';
import { chartKey } from './chart-keys.ts';
import type { DeviceFeed } from './device-feed.ts';
import { RangeBar } from './range-bar.tsx';
import { DEFAULT_RANGE, selected } from './time-range.ts';
import { useFeedError } from './use-device-feed.ts';

interface ChartsTabProps {
  device: string;
  channels: readonly Channel[];
  feed: DeviceFeed;
  unsureSince: () => number | null;
}

export function ChartsTab({ device, channels, feed, unsureSince }: ChartsTabProps) {
  const { ui } = useMuster();
  const call = useCalls();
  const range = useUi((state) => state.chartRanges[device]) ?? DEFAULT_RANGE;
  const error = useFeedError(feed);
  const stack = useMemo(
    () =>
      new ChartStack({
        feed,
        range: () => ui.getState().chartRanges[device] ?? DEFAULT_RANGE,
        now: () => pageClock.wall(),
        frames: pageFrames,
      }),
    [device, feed, ui],
  );
  // by their declaration: a new reading must not make new charts
  const declared = JSON.stringify(channels.map((channel) => ({ ...channel, last: null })));
  const groups = useMemo(() => chartGroups(JSON.parse(declared) as Channel[]), [declared]);

  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus({ preventScroll: true }), []);
  const [printing, setPrinting] = useState(false);
  useEffect(
    () =>
      followPrinting((now) => {
        // every chart has to be on the page before the browser takes its picture
        flushSync(() => setPrinting(now));
        stack.frames.drawNow();
      }),
    [stack],
  );
  useEffect(() => {
    const unfollow = feed.subscribe(() => stack.frames.invalidate());
    return () => {
      unfollow();
      stack.frames.stop();
    };
  }, [feed, stack]);
  useEffect(() => {
    stack.show();
    const timer = setInterval(() => stack.frames.invalidate(), range.mode === 'fixed' ? 1000 : 100);
    return () => clearInterval(timer);
  }, [stack, range]);
  useEffect(() => {
    if (range.mode !== 'all') return;
    let open = true;
    call['export.preview']({ devices: [device], channels: [], from: null, to: null })
      .then(({ from }) => open && stack.setOldest(from))
      .catch(() => {
        // without it the charts begin where the newest readings do
      });
    return () => {
      open = false;
    };
  }, [call, device, range.mode, stack]);

  const choose = (next: ChartRange) => {
    stack.leave(range);
    ui.getState().setChartRange(device, next);
  };
  const live = () => {
    const { from, to } = stack.window();
    if (range.mode === 'fixed') choose({ mode: 'live', spanMs: to - from });
  };
  const back = () => {
    const before = stack.back();
    if (before) ui.getState().setChartRange(device, before);
  };

  return (
    <div
      className={styles.charts}
      data-paper={printing}
      ref={place}
      tabIndex={-1}
      onKeyDown={(event) => {
        const { at } = stack.cursor.getState();
        const action = chartKey(event, range, stack.window(), at, pageClock.wall());
        if (!action) return;
        event.preventDefault();
        if (action.do === 'cursor') moveCursor(device, action.at);
        else if (action.do === 'range') choose(action.range);
        else if (action.do === 'live') live();
        else back();
      }}
    >
      <RangeBar stack={stack} range={range} onRange={choose} onLive={live} unsureSince={unsureSince} />
      {error && <ErrorNote error={error} />}
      {groups.map((group) => (
        <ChartRow
          key={group.key}
          device={device}
          group={group}
          stack={stack}
          unsureSince={unsureSince}
          onZoom={(from, to) => choose(selected(from, to))}
          onBack={back}
          always={printing}
        />
      ))}
      <p className={`${styles.keys} no-print`}>
        Drag to zoom, double-click to step back. Arrows move the cursor, Shift+arrows the time, + and − zoom,
        L follows the present.
      </p>
    </div>
  );
}
