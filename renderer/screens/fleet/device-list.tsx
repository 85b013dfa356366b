/** The rail's list, drawn only where it is seen, driven by keyboard or pointer. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useNow } from '../../parts/use-now.ts';
import { useFleet, useMuster, useUi } from '../../stores/muster.tsx';
import { GROUP_TITLES } from '../../text/device-state.ts';
import { DeviceRow } from './device-row.tsx';
import styles from './fleet-rail.module.css';
import { fleetRows, neighbour, sameRows } from './fleet-rows.ts';
import { useSteady } from './use-steady.ts';

const LIST = 'fleet';
/** Heights in px; the same as --row-double and a group heading's. */
const HEIGHTS = { group: 28, device: 44, touch: 56 };
const BAR_HEIGHT = 132;
const PAGE = 10;
/** Writing down where the list stands waits until it stands, ms. */
const SCROLL_REST_MS = 300;

const domId = (id: string) => `device-${id}`;

export function DeviceList() {
  const { ui } = useMuster();
  const devices = useFleet((state) => state.devices);
  const filter = useUi((state) => state.filter);
  const touch = useUi((state) => state.touch);
  const now = useNow();
  // The order depends on the present only through words of the filter.
  const filterNow = filter === '' ? 0 : now;
  const wanted = useMemo(() => fleetRows(devices.values(), filter, filterNow), [devices, filter, filterNow]);
  const { shown: rows, pointer } = useSteady(wanted, filter, sameRows);
  const [chosen, setActive] = useState<string | null>(null);
  // A row that was filtered away is not acted on.
  const active = rows.some((row) => row.kind === 'device' && row.id === chosen) ? chosen : null;
  const box = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes this page
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    getItemKey: (index) => {
      const row = rows[index];
      return row?.kind === 'device' ? row.id : `group-${row?.group}`;
    },
    estimateSize: (index) =>
      rows[index]?.kind === 'group' ? HEIGHTS.group : touch ? HEIGHTS.touch : HEIGHTS.device,
    initialOffset: () => ui.getState().scroll[LIST] ?? 0,
    overscan: 8,
    // Room to scroll the last rows out from under the bar of actions.
    paddingEnd: useUi((state) => state.selection.length) > 0 ? BAR_HEIGHT : 0,
  });
  useEffect(() => virtual.measure(), [virtual, touch, rows]);
  useScrollMemory(box);

  function move(id: string | null): void {
    setActive(id);
    const at = rows.findIndex((row) => row.kind === 'device' && row.id === id);
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }

  function onKeyDown(event: KeyboardEvent): void {
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: PAGE,
      PageUp: -PAGE,
      Home: -rows.length,
      End: rows.length,
    };
    const step = steps[event.key];
    if (step !== undefined) move(neighbour(rows, active, step));
    else if (event.key === 'Enter' && active) ui.getState().go({ name: 'device', device: active });
    else if (event.key === ' ' && active) ui.getState().toggleSelected(active);
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey))
      ui.getState().setSelection(rows.flatMap((row) => (row.kind === 'device' ? [row.id] : [])));
    else return;
    event.preventDefault();
  }

  return (
    <div
      ref={box}
      className={styles.list}
      role="listbox"
      tabIndex={0}
      aria-label="Devices"
      aria-multiselectable
      aria-activedescendant={active ? domId(active) : undefined}
      onKeyDown={onKeyDown}
      onFocus={() => active === null && setActive(neighbour(rows, null, 1))}
      {...pointer}
    >
      {rows.length === 0 && <p className={styles.none}>{filter ? 'No device matches the filter.' : ''}</p>}
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row?.kind === 'device')
            return (
              <DeviceRow
                key={item.key}
                id={row.id}
                domId={domId(row.id)}
                active={row.id === active}
                onPress={setActive}
                top={item.start}
                height={item.size}
              />
            );
          return (
            row && (
              <div
                key={item.key}
                role="presentation"
                className={styles.group}
                style={{ transform: `translateY(${item.start}px)`, height: item.size }}
              >
                {GROUP_TITLES[row.group]}{' '}
                <span className={styles.total}>{row.count.toLocaleString('en')}</span>
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function useScrollMemory(box: React.RefObject<HTMLDivElement | null>): void {
  const { ui } = useMuster();
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const keep = () => {
      clearTimeout(timer);
      timer = setTimeout(() => ui.getState().setScroll(LIST, element.scrollTop), SCROLL_REST_MS);
    };
    element.addEventListener('scroll', keep, { passive: true });
    return () => {
      clearTimeout(timer);
      element.removeEventListener('scroll', keep);
    };
  }, [box, ui]);
}
