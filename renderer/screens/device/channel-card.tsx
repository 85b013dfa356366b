/** One channel now: its newest value, large; unit, quality, age, and the last two minutes as a line. */
import { useSyncExternalStore } from 'react';
import { correctionText } from '../../../src/shared/calibration-text.ts';
import type { Quantity } from '../../../src/shared/quantity.ts';
import { Sparkline } from '../../chart/sparkline.tsx';
import { useNow } from '../../parts/use-now.ts';
import type { ChannelSeries } from '../../series/channel-series.ts';
import { formatAgo, formatDay, formatTime, formatValue } from '../../text/format.ts';
import { qualityWords } from '../../text/quality-words.ts';
import type { ColouredChannel } from './chart-groups.ts';
import type { ChartStack } from './chart-stack.ts';
import styles from './charts.module.css';
import { RECENT_MS } from './device-feed.ts';

/** A device hands readings over in flushes: this much later than its period a value is not old yet. */
const FLUSH_MS = 6000;

interface CardProps {
  channel: ColouredChannel;
  series: ChannelSeries;
  stack: ChartStack;
}

export function ChannelCard({ channel, series, stack }: CardProps) {
  useSyncExternalStore(stack.feed.subscribe, () => series.version);
  const now = useNow();
  const { at, value, quality } = series.last;
  const [number, unit] = valueAndUnit(value, channel.quantity, channel.decimals);
  const old = at !== null && now - at > series.silenceMs + FLUSH_MS;
  const { word, why } = qualityWords(quality);
  return (
    <div className={styles.card} data-old={old} title={at === null ? undefined : formatTime(at)}>
      <p className={styles.name}>
        <span
          className={styles.swatch}
          style={{ background: `var(--series-${channel.colour + 1})` }}
          aria-hidden
        />
        <span className={styles.channel}>{channel.channel}</span>
        {word !== '' && (
          <span className={styles.doubt} title={why}>
            {word}
          </span>
        )}
        {at !== null && (
          <span className={styles.age} data-old={old}>
            {formatAgo(at, now)}
          </span>
        )}
      </p>
      {at === null ? (
        <p className={styles.first}>First reading in a second…</p>
      ) : (
        <p className={styles.now}>
          <output className={styles.number}>{number}</output>
          <span className={styles.unit}>{unit}</span>
        </p>
      )}
      {channel.calibration && (
        <p className={styles.corrected}>
          corrected by {correctionText(channel.calibration, channel.quantity)}, {channel.calibration.by},{' '}
          {formatDay(Date.parse(channel.calibration.at), now)}
        </p>
      )}
      <Sparkline
        series={series}
        frames={stack.frames}
        colour={channel.colour}
        decimals={channel.decimals}
        spanMs={RECENT_MS}
      />
    </div>
  );
}

/** `23.4` and `°C`. A length of time is one piece. */
function valueAndUnit(value: number, quantity: Quantity, decimals: number): [string, string] {
  const text = formatValue(value, quantity, decimals);
  const at = text.lastIndexOf('\u00a0');
  return quantity === 'duration' || at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
