/** One group of channels: the values now beside their picture. Drawn only while it is near the part that is seen. */
import { useInViewport } from '@mantine/hooks';
import { useMemo, type CSSProperties } from 'react';
import type { ChartContext } from '../../chart/chart-painter.ts';
import { Chart } from '../../chart/chart.tsx';
import { pageClock } from '../../page-clock.ts';
import { doubtsOf } from '../../series/doubt.ts';
import { useMuster } from '../../stores/muster.tsx';
import { ChannelCard } from './channel-card.tsx';
import type { ChartGroup } from './chart-groups.ts';
import type { ChartStack } from './chart-stack.ts';
import styles from './charts.module.css';

interface ChartRowProps {
  device: string;
  group: ChartGroup;
  stack: ChartStack;
  /** Since when the device's clock has not been set, epoch ms; null while it is. */
  unsureSince: () => number | null;
  onZoom: (from: number, to: number) => void;
  onBack: () => void;
  /** Drawn although out of sight, for paper. */
  always: boolean;
}

export function ChartRow({ device, group, stack, unsureSince, onZoom, onBack, always }: ChartRowProps) {
  const { ref, inViewport } = useInViewport<HTMLElement>();
  const { fleet } = useMuster();
  const lines = useMemo(
    () =>
      group.channels.map((channel) => ({
        name: channel.channel,
        series: stack.feed.series.declare(channel.id, channel.periodMs),
        colour: channel.colour,
        decimals: channel.decimals,
      })),
    [group, stack],
  );
  const context = useMemo<ChartContext>(() => {
    const connected = () => {
      const state = fleet.getState().devices.get(device)?.link.state;
      return state === 'live' || state === 'catching-up';
    };
    return {
      gaps: (line) => stack.feed.gaps(group.channels[line]?.id ?? -1),
      silence: () => ({ upTo: pageClock.wall(), reason: connected() ? 'unknown' : 'not-fetched' }),
      unsure: () => doubtsOf(stack.feed.spans, unsureSince()),
      version: () => `${stack.feed.version} ${connected()} ${unsureSince()}`,
    };
  }, [device, fleet, group, stack, unsureSince]);
  return (
    <section className={styles.row} ref={ref} style={{ '--cards': group.channels.length } as CSSProperties}>
      <div className={styles.cards}>
        {group.channels.map((channel, index) => {
          const series = lines[index]?.series;
          return series && <ChannelCard key={channel.id} channel={channel} series={series} stack={stack} />;
        })}
      </div>
      <div className={styles.picture}>
        {(inViewport || always) && (
          <Chart
            title={group.title}
            quantity={group.quantity}
            lines={lines}
            context={context}
            frames={stack.frames}
            cursor={stack.cursor}
            syncKey={device}
            onZoom={onZoom}
            onBack={onBack}
            paper={always}
            onPixels={(pixels) => stack.setPixels(pixels)}
          />
        )}
      </div>
    </section>
  );
}
