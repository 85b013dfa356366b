/** A list to choose some or all from; drawn only where it is seen. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { useUi } from '../../stores/muster.tsx';
import styles from './export-page.module.css';
import { isPicked, togglePick, type Picked } from './picked.ts';

export interface PickItem<Id> {
  id: Id;
  label: string;
  hint: string;
}

/** The same as --row. */
const ROW = { normal: 32, touch: 44 };

/** `all` is the word for choosing everything: "All 12 devices". */
export function PickList<Id extends string | number>(props: {
  title: string;
  all: string;
  items: PickItem<Id>[];
  picked: Picked<Id>;
  onPick: (picked: Picked<Id>) => void;
}) {
  const { title, all, items, picked, onPick } = props;
  const touch = useUi((state) => state.touch);
  const box = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes this page
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => (touch ? ROW.touch : ROW.normal),
    overscan: 6,
  });
  const ids = items.map(({ id }) => id);
  return (
    <fieldset className={styles.picks}>
      <legend>{title}</legend>
      <label className={styles.pickAll}>
        <input
          type="checkbox"
          checked={picked === 'all'}
          onChange={(event) => onPick(event.currentTarget.checked ? 'all' : [])}
        />
        {all}
      </label>
      <div ref={box} className={styles.pickBox}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((row) => {
            const item = items[row.index];
            return (
              item && (
                <label
                  key={item.id}
                  className={styles.pick}
                  style={{ transform: `translateY(${row.start}px)`, height: row.size }}
                >
                  <input
                    type="checkbox"
                    checked={isPicked(picked, item.id)}
                    onChange={() => onPick(togglePick(picked, item.id, ids))}
                  />
                  <span className={styles.pickLabel}>{item.label}</span>
                  <span className={styles.pickHint}>{item.hint}</span>
                </label>
              )
            );
          })}
        </div>
      </div>
    </fieldset>
  );
}
