/** Rows of one height, of which only those in sight exist: a thousand scroll like ten. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, type ReactNode } from 'react';
import styles from './virtual-rows.module.css';

interface VirtualRowsProps<T> {
  label: string;
  head: readonly string[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** Cells of a row, as many as `head` has. */
  cells: (row: T) => ReactNode[];
  /** CSS grid columns. */
  columns: string;
}

const ROW_PX = 32;
const TOUCH_ROW_PX = 44;

export function VirtualRows<T>({ label, head, rows, keyOf, cells, columns }: VirtualRowsProps<T>) {
  const box = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes this page
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => (document.documentElement.dataset['touch'] === 'true' ? TOUCH_ROW_PX : ROW_PX),
    overscan: 12,
  });
  const grid = { gridTemplateColumns: columns };
  return (
    <div className={styles.table} role="table" aria-label={label} aria-rowcount={rows.length + 1} ref={box}>
      <div className={styles.head} role="row" style={grid}>
        {head.map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start, size }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div
              key={keyOf(row)}
              className={styles.line}
              role="row"
              aria-rowindex={index + 2}
              style={{ ...grid, height: size, transform: `translateY(${start}px)` }}
            >
              {cells(row).map((cell, at) => (
                <span key={head[at]} role="cell" className={styles.cell}>
                  {cell}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
