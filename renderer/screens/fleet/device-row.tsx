/** One device in the rail: state, name, how it was reached and when, firmware, sensors. */
import { Checkbox } from '@mantine/core';
import { memo } from 'react';
import { StateIcon } from '../../parts/state-word.tsx';
import { useNow } from '../../parts/use-now.ts';
import { useDevice, useMuster, useUi } from '../../stores/muster.tsx';
import { deviceState, newestAddress, reachedBy, sensorsNow } from '../../text/device-state.ts';
import { formatAgo, formatTime } from '../../text/format.ts';
import styles from './fleet-rail.module.css';

export interface DeviceRowProps {
  id: string;
  domId: string;
  /** The keyboard is on this row. */
  active: boolean;
  /** Distance from the list's top, px. */
  top: number;
  height: number;
  /** The pointer chose this row: the keyboard goes on from it. */
  onPress: (id: string) => void;
}

export const DeviceRow = memo(function DeviceRow({
  id,
  domId,
  active,
  top,
  height,
  onPress,
}: DeviceRowProps) {
  const { ui } = useMuster();
  const device = useDevice(id);
  const now = useNow();
  const open = useUi((state) => state.place.name === 'device' && state.place.device === id);
  const selected = useUi((state) => state.selection.includes(id));
  if (!device) return null;
  const { tone, word, sentence } = deviceState(device, now);
  const address = newestAddress(device);
  const ago = device.lastSeen === null ? 'never seen' : formatAgo(device.lastSeen, now);
  const sensors = sensorsNow(device);
  return (
    <div
      id={domId}
      role="option"
      aria-selected={selected}
      aria-label={`${device.name}, ${word}`}
      className={styles.device}
      data-active={active || undefined}
      data-open={open || undefined}
      style={{ transform: `translateY(${top}px)`, height }}
      onPointerDown={() => onPress(id)}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey) ui.getState().toggleSelected(id);
        else ui.getState().go({ name: 'device', device: id });
      }}
    >
      <span
        className={styles.pick}
        data-on={selected || undefined}
        onClick={(event) => event.stopPropagation()}
      >
        <Checkbox
          checked={selected}
          tabIndex={-1}
          aria-label={`Select ${device.name}`}
          onChange={() => ui.getState().toggleSelected(id)}
        />
      </span>
      <StateIcon tone={tone} />
      <span className={styles.line}>
        <span className={styles.name}>{device.name}</span>
        <span className={styles.word} data-tone={tone} title={sentence}>
          {word}
        </span>
      </span>
      <span className={styles.line}>
        <span
          className={styles.where}
          title={`${reachedBy(device)}${address ? `, ${address.host}:${address.port}` : ''}${device.lastSeen === null ? '' : `, ${formatTime(device.lastSeen)}`}`}
        >
          {reachedBy(device).replace('heard ', '')}, {ago}
        </span>
        <span className={styles.what}>
          {device.daemonVersion ?? ''}
          {sensors && (
            <span title={`${sensors.ok} of ${sensors.total} sensors give good readings`}>
              {sensors.ok}/{sensors.total} ok
            </span>
          )}
        </span>
      </span>
    </div>
  );
});
