/**
 * The newest readings of one channel, in typed arrays that never grow past a bound. Rows are kept in one piece
 * (the arrays are twice the bound and slide), so that searching and drawing need no wrap-around.
 */
import type { Columns } from './columns.ts';

const FIRST_ROWS = 128;

/** Keeps the last `capacity` rows, oldest dropped first. */
export class ColumnRing {
  readonly #capacity: number;
  #t = new Float64Array(FIRST_ROWS);
  #value = new Float64Array(FIRST_ROWS);
  #quality = new Uint8Array(FIRST_ROWS);
  #start = 0;
  #end = 0;
  #dropped = 0;

  constructor(capacity: number) {
    this.#capacity = Math.max(1, capacity);
  }

  /** Rows held now. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Rows ever dropped by the bound. `dropped + length` is the number of rows ever taken. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Time of the newest row, -Infinity when there is none. */
  get lastTime(): number {
    return this.#end > this.#start ? (this.#t[this.#end - 1] as number) : -Infinity;
  }

  /** Appends a row. False, and nothing is kept, when `t` is not after the newest row. */
  push(t: number, value: number, quality: number): boolean {
    if (!(t > this.lastTime)) return false;
    if (this.#end === this.#t.length) this.#makeRoom();
    if (this.length === this.#capacity) {
      this.#start++;
      this.#dropped++;
    }
    this.#t[this.#end] = t;
    this.#value[this.#end] = value;
    this.#quality[this.#end] = quality;
    this.#end++;
    return true;
  }

  /** Drops all rows. */
  clear(): void {
    this.#dropped += this.length;
    this.#start = 0;
    this.#end = 0;
  }

  /** The rows held, oldest first. The arrays are the ring's own: read them before the next push. */
  columns(): Columns {
    return {
      t: this.#t,
      lo: this.#value,
      hi: this.#value,
      q: this.#quality,
      start: this.#start,
      end: this.#end,
    };
  }

  /** Slides the rows to the front, into larger arrays while the bound allows. */
  #makeRoom(): void {
    const rows = this.length;
    const size = Math.min(this.#capacity * 2, Math.max(this.#t.length, rows * 2));
    if (size > this.#t.length) {
      const [t, value, quality] = [new Float64Array(size), new Float64Array(size), new Uint8Array(size)];
      t.set(this.#t.subarray(this.#start, this.#end));
      value.set(this.#value.subarray(this.#start, this.#end));
      quality.set(this.#quality.subarray(this.#start, this.#end));
      [this.#t, this.#value, this.#quality] = [t, value, quality];
    } else {
      this.#t.copyWithin(0, this.#start, this.#end);
      this.#value.copyWithin(0, this.#start, this.#end);
      this.#quality.copyWithin(0, this.#start, this.#end);
    }
    this.#start = 0;
    this.#end = rows;
  }
}
