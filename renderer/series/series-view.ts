/** What of one channel is drawn: a reusable, growing set of columns. */
import type { Columns } from './columns.ts';

const FIRST_ROWS = 256;

/** Rows ready to draw, `0…end`. Rewritten in place for every frame: no object per point, few per frame. */
export class SeriesView implements Columns {
  t = new Float64Array(FIRST_ROWS);
  lo = new Float64Array(FIRST_ROWS);
  hi = new Float64Array(FIRST_ROWS);
  q = new Uint8Array(FIRST_ROWS);
  readonly start = 0;
  end = 0;

  clear(): void {
    this.end = 0;
  }

  /** Makes room for `rows` rows in all. */
  reserve(rows: number): void {
    if (rows <= this.t.length) return;
    const size = Math.max(rows, this.t.length * 2);
    const { t, lo, hi, q } = this;
    this.t = new Float64Array(size);
    this.lo = new Float64Array(size);
    this.hi = new Float64Array(size);
    this.q = new Uint8Array(size);
    this.t.set(t);
    this.lo.set(lo);
    this.hi.set(hi);
    this.q.set(q);
  }

  push(t: number, lo: number, hi: number, q: number): void {
    if (this.end === this.t.length) this.reserve(this.end + 1);
    this.t[this.end] = t;
    this.lo[this.end] = lo;
    this.hi[this.end] = hi;
    this.q[this.end] = q;
    this.end++;
  }
}
