/** Every sensor with its driver, state, newest values and last error. */
import { useMemo, useSyncExternalStore } from 'react';
import type { DeviceStatus } from '../../../src/shared/device-contract.ts';
import type { Channel, DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { StateWord } from '../../parts/state-word.tsx';
import { useNow } from '../../parts/use-now.ts';
import { VirtualRows } from '../../parts/virtual-rows.tsx';
import type { Tone } from '../../text/device-state.ts';
import { formatAgo, formatValue } from '../../text/format.ts';
import { ChipFinder } from './chip-finder.tsx';
import { qualityWords } from '../../text/quality-words.ts';
import type { DeviceFeed } from './device-feed.ts';
import styles from './device-page.module.css';
import { sensorRows, type SensorRow } from './sensor-rows.ts';
import type { Polled } from './use-polled.ts';

const STATES: Record<SensorRow['state'], { tone: Tone; word: string }> = {
  ok: { tone: 'good', word: 'Measuring' },
  failing: { tone: 'bad', word: 'Failing' },
  stopped: { tone: 'attention', word: 'Stopped' },
  'taken-out': { tone: 'unknown', word: 'Taken out' },
  'not-told': { tone: 'unknown', word: 'Not told' },
};

interface SensorsTabProps {
  device: DeviceRecord;
  linked: boolean;
  status: Polled<DeviceStatus>;
  channels: readonly Channel[];
  feed: DeviceFeed;
}

export function SensorsTab({ device, linked, status, channels, feed }: SensorsTabProps) {
  useSyncExternalStore(feed.subscribe, () => feed.series.newest);
  const now = useNow();
  const rows = useMemo(() => sensorRows(status.value?.sensors ?? [], channels), [status.value, channels]);
  return (
    <div className={styles.panel}>
      {status.error && <ErrorNote error={status.error} />}
      <ChipFinder device={device} linked={linked} />
      <VirtualRows
        label="Sensors"
        head={['Sensor', 'Driver', 'State', 'Newest values', 'Age', 'Last error']}
        columns="minmax(120px, 1.2fr) minmax(80px, 0.8fr) 112px minmax(160px, 2fr) 88px minmax(120px, 2fr)"
        rows={rows}
        keyOf={(row) => row.id}
        cells={(row) => cells(row, feed, now)}
      />
    </div>
  );
}

function doubt(quality: number): string {
  const { word } = qualityWords(quality);
  return word === '' ? '' : ` (${word})`;
}

function cells(row: SensorRow, feed: DeviceFeed, now: number) {
  const readings = row.channels.map((channel) => ({ channel, last: feed.series.get(channel.id)?.last }));
  const times = readings.flatMap(({ last }) => last?.at ?? []);
  const values = readings
    .map(({ channel, last }) =>
      typeof last?.at === 'number'
        ? `${channel.channel} ${formatValue(last.value, channel.quantity, channel.decimals)}${doubt(last.quality)}`
        : `${channel.channel} –`,
    )
    .join(', ');
  const { tone, word } = STATES[row.state];
  return [
    <strong key="name" title={row.name}>
      {row.name}
    </strong>,
    row.driver,
    <StateWord key="state" tone={tone} word={word} />,
    <span key="values" title={values}>
      {values}
    </span>,
    times.length > 0 ? formatAgo(Math.max(...times), now) : '–',
    row.lastError ? (
      <span key="error" className={styles.cause} title={row.lastError}>
        {row.lastError}
      </span>
    ) : (
      'none'
    ),
  ];
}
