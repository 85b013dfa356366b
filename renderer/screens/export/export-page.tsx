/** Readings into a CSV file: what to take, what the file will hold, where it goes. */
import { SegmentedControl, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { QUANTITIES } from '../../../src/shared/quantity.ts';
import { usePreview, type Choice } from '../../parts/use-preview.ts';
import { useChannels, useFleet, useMuster, useSite } from '../../stores/muster.tsx';
import { formatAgo, formatCount } from '../../text/format.ts';
import styles from './export-page.module.css';
import { boundsOf, dateInputText, PRESETS, type ExportRange } from './export-range.ts';
import { PickList } from './pick-list.tsx';
import { isPicked, pickedIds, type Picked } from './picked.ts';
import { SaveForm } from './save-form.tsx';

const DAY_MS = 86_400_000;
const byName = new Intl.Collator('en', { numeric: true });

function useItems(devicesPicked: Picked<string>, now: number) {
  const devices = useFleet((state) => state.devices);
  const channels = useChannels((state) => state.channels);
  return useMemo(() => {
    const withData = [...devices.values()]
      .filter((device) => device.newest !== null)
      .toSorted((a, b) => byName.compare(a.name, b.name));
    const taken = [...channels.values()].filter((channel) => isPicked(devicesPicked, channel.device));
    return {
      devices: withData.map(({ id, name, newest }) => ({
        id,
        label: name,
        hint: newest === null ? '' : `newest ${formatAgo(newest, now)}`,
      })),
      channels: taken.map((channel) => ({
        id: channel.id,
        label: `${channel.sensorName}, ${channel.channel}`,
        hint: `${devices.get(channel.device)?.name ?? channel.device}, ${QUANTITIES[channel.quantity].symbol || 'no unit'}`,
      })),
    };
  }, [devices, channels, devicesPicked, now]);
}

/** `asked`: the devices to begin with. */
export function ExportPage({ devices: asked }: { devices: string[] | undefined }) {
  const { ui } = useMuster();
  const zone = useSite((state) => state.info?.timeZone);
  const [opened] = useState(Date.now);
  const [devices, setDevices] = useState<Picked<string>>(() => {
    const begin = asked ?? ui.getState().selection;
    return begin.length > 0 ? begin : 'all';
  });
  const [channels, setChannels] = useState<Picked<number>>('all');
  const [range, setRange] = useState<ExportRange>({ preset: 'all' });
  const items = useItems(devices, opened);

  const bounds = boundsOf(range, opened);
  const deviceIds = pickedIds(
    devices,
    items.devices.map(({ id }) => id),
  );
  const channelIds = pickedIds(
    channels,
    items.channels.map(({ id }) => id),
  );
  const complete = deviceIds !== null && channelIds !== null && typeof bounds !== 'string';
  const choice: Choice<'export.preview'> | null = complete
    ? { devices: deviceIds, channels: channelIds, ...bounds }
    : null;
  const answer = usePreview('export.preview', choice);
  const refusal =
    typeof bounds === 'string'
      ? bounds
      : items.devices.length === 0
        ? 'There are no readings on this laptop yet.'
        : complete
          ? null
          : 'Choose at least one device and one channel.';

  return (
    <div className={styles.page}>
      <h1>Export readings</h1>
      <div className={styles.columns}>
        <div className={styles.choice}>
          <PickList
            title="Devices"
            all={`All ${formatCount(items.devices.length, 'device')} with readings`}
            items={items.devices}
            picked={devices}
            onPick={setDevices}
          />
          <PickList
            title="Channels"
            all={`All ${formatCount(items.channels.length, 'channel')}`}
            items={items.channels}
            picked={channels}
            onPick={setChannels}
          />
        </div>
        <div className={styles.outcome}>
          <section>
            <h2>Time</h2>
            <SegmentedControl
              data={PRESETS}
              value={range.preset}
              onChange={(preset) =>
                setRange(
                  preset === 'dates'
                    ? { preset, from: dateInputText(opened - DAY_MS), to: dateInputText(opened) }
                    : { preset },
                )
              }
              aria-label="Time"
            />
            {range.preset === 'dates' && (
              <div className={styles.dates}>
                <TextInput
                  type="datetime-local"
                  label="From"
                  value={range.from}
                  onChange={(event) => setRange({ ...range, from: event.currentTarget.value })}
                />
                <TextInput
                  type="datetime-local"
                  label="To"
                  value={range.to}
                  onChange={(event) => setRange({ ...range, to: event.currentTarget.value })}
                />
                <span className={styles.quiet}>{zone && `Times of ${zone}`}</span>
              </div>
            )}
          </section>
          <SaveForm choice={choice} refusal={refusal} {...answer} />
        </div>
      </div>
    </div>
  );
}
