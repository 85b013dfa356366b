/** Rows written by hand, as columns. */
import type { Columns } from '../../../renderer/series/columns.ts';

/** time, low, high, quality byte */
export type Row = [t: number, lo: number, hi: number, q: number];

export function columnsOf(rows: readonly Row[]): Columns {
  return {
    t: Float64Array.from(rows, (row) => row[0]),
    lo: Float64Array.from(rows, (row) => row[1]),
    hi: Float64Array.from(rows, (row) => row[2]),
    q: Uint8Array.from(rows, (row) => row[3]),
    start: 0,
    end: rows.length,
  };
}

export function rowsOf(columns: Columns): Row[] {
  const rows: Row[] = [];
  for (let i = columns.start; i < columns.end; i++)
    rows.push([
      columns.t[i] as number,
      columns.lo[i] as number,
      columns.hi[i] as number,
      columns.q[i] as number,
    ]);
  return rows;
}
