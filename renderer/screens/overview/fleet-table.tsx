/** Every device in one line, drawn only where it is seen. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { StateWord } from '../../parts/state-word.tsx';
import { useNow } from '../../parts/use-now.ts';
import { useDevice, useFleet, useMuster, useUi } from '../../stores/muster.tsx';
import { deviceState, newestAddress, reachedBy, sensorsNow } from '../../text/device-state.ts';
import { fleetOrder } from '../fleet/fleet-rows.ts';
import styles from './fleet-table.module.css';

/** The same as --row. */
const ROW = { normal: 32, touch: 44 };
const COLUMNS = ['State', 'Name', 'Reached', 'Seen', 'Sensors', 'Newest reading', 'Firmware', 'Model'];

export function FleetTable() {
  const devices = useFleet((state) => state.devices);
  const touch = useUi((state) => state.touch);
  const box = useRef<HTMLDivElement>(null);
  const order = useMemo(() => fleetOrder(devices.values(), '', 0).map(({ id }) => id), [devices]);
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes this page
  const virtual = useVirtualizer({
    count: order.length,
    getScrollElement: () => box.current,
    getItemKey: (index) => order[index] ?? index,
    estimateSize: () => (touch ? ROW.touch : ROW.normal),
    overscan: 6,
  });
  useEffect(() => virtual.measure(), [virtual, touch]);
  return (
    <div
      ref={box}
      className={styles.box}
      role="table"
      aria-label="All devices"
      aria-rowcount={order.length + 1}
    >
      <div className={styles.head} role="row">
        {COLUMNS.map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="rowgroup">
        {virtual.getVirtualItems().map((item) => (
          <Row key={item.key} id={order[item.index] ?? ''} top={item.start} height={item.size} />
        ))}
      </div>
    </div>
  );
}

function Row({ id, top, height }: { id: string; top: number; height: number }) {
  const { ui } = useMuster();
  const device = useDevice(id);
  const now = useNow();
  if (!device) return null;
  const { tone, word, sentence } = deviceState(device, now);
  const sensors = sensorsNow(device);
  return (
    <div
      role="row"
      className={styles.row}
      style={{ transform: `translateY(${top}px)`, height }}
      onClick={() => ui.getState().go({ name: 'device', device: id })}
    >
      <span role="cell">
        <StateWord tone={tone} word={word} title={sentence} />
      </span>
      <span role="cell">
        <button type="button" className={styles.open}>
          {device.name}
        </button>
      </span>
      <span role="cell" title={newestAddress(device)?.host}>
        {reachedBy(device)}
      </span>
      <span role="cell">
        <RelativeTime at={device.lastSeen} />
      </span>
      <span role="cell">{sensors ? `${sensors.ok} of ${sensors.total} ok` : ''}</span>
      <span role="cell">{device.newest === null ? '' : <RelativeTime at={device.newest} />}</span>
      <span role="cell">{device.daemonVersion ?? ''}</span>
      <span role="cell" title={device.model ?? undefined}>
        {device.model ?? ''}
      </span>
    </div>
  );
}
