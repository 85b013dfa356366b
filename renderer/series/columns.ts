/**
 * Rows of one channel as columns: the only shape in which readings travel from the wire to the canvas.
 * Rows are sorted by time. A row whose `lo` is NaN is a break: nothing is known there and the line ends.
 */
import { MusterError } from '../../src/shared/errors.ts';

/** Rows `start` (inclusive) to `end` (exclusive) of columns; `lo` and `hi` may be one array. */
export interface Columns {
  /** Epoch ms. */
  t: Float64Array;
  lo: Float64Array;
  hi: Float64Array;
  /** Byte of QUALITIES, the worst of a bucket. */
  q: Uint8Array;
  start: number;
  end: number;
}

export const NO_COLUMNS: Columns = {
  t: new Float64Array(0),
  lo: new Float64Array(0),
  hi: new Float64Array(0),
  q: new Uint8Array(0),
  start: 0,
  end: 0,
};

/** Bytes of a message as float64s. Copies, since a message's bytes may start anywhere. Throws BAD_REPLY. */
export function float64Column(bytes: Uint8Array): Float64Array {
  if (bytes.length % 8 !== 0)
    throw new MusterError('BAD_REPLY', `column of ${bytes.length} bytes is no float64s`);
  return new Float64Array(Uint8Array.from(bytes).buffer);
}

/** Bytes of a message as uint32s. Throws BAD_REPLY. */
export function uint32Column(bytes: Uint8Array): Uint32Array {
  if (bytes.length % 4 !== 0)
    throw new MusterError('BAD_REPLY', `column of ${bytes.length} bytes is no uint32s`);
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}

/** First row of `start…end` whose time is at least `at`; `end` when there is none. */
export function lowerBound(t: Float64Array, at: number, start: number, end: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((t[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
