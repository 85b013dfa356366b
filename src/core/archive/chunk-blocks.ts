/**
 * Statistics of a chunk and of its blocks of 128 readings. A chart that shows many blocks in a pixel reads these
 * and leaves the readings packed.
 */
import { qualityByte } from '../../shared/reading.ts';
import type { Rows } from './chunk-codec.ts';

/** What is known of a stretch of readings without looking at each. lo and hi are NaN when all are missing. */
export interface Statistics {
  t0: number;
  t1: number;
  n: number;
  missing: number;
  lo: number;
  hi: number;
  worst: number;
}

export const BLOCK_ROWS = 128;
const BLOCK_BYTES = 40;
const MISSING = qualityByte('missing');

/** Statistics of rows from..to (to excluded, at least one row, ascending in time). */
export function statistics(rows: Rows, from = 0, to = rows.us.length): Statistics {
  let lo = Infinity;
  let hi = -Infinity;
  let worst = 0;
  let missing = 0;
  for (let i = from; i < to; i++) {
    const value = rows.value[i]!;
    if (value < lo) lo = value;
    if (value > hi) hi = value;
    const quality = rows.quality[i]!;
    if (quality > worst) worst = quality;
    if (quality === MISSING) missing++;
  }
  const n = to - from;
  if (missing === n) lo = hi = Number.NaN;
  return { t0: rows.us[from]!, t1: rows.us[to - 1]!, n, missing, lo, hi, worst };
}

/** Statistics of every block, as bytes: f64 t0, t1, lo, hi · u16 n, missing · u8 worst · 3 spare. */
export function encodeBlocks(rows: Rows): Uint8Array {
  const n = rows.us.length;
  const out = new Uint8Array(Math.ceil(n / BLOCK_ROWS) * BLOCK_BYTES);
  const view = new DataView(out.buffer);
  for (let from = 0, at = 0; from < n; from += BLOCK_ROWS, at += BLOCK_BYTES) {
    const block = statistics(rows, from, Math.min(n, from + BLOCK_ROWS));
    view.setFloat64(at, block.t0, true);
    view.setFloat64(at + 8, block.t1, true);
    view.setFloat64(at + 16, block.lo, true);
    view.setFloat64(at + 24, block.hi, true);
    view.setUint16(at + 32, block.n, true);
    view.setUint16(at + 34, block.missing, true);
    view.setUint8(at + 36, block.worst);
  }
  return out;
}

/** What encodeBlocks made. */
export function decodeBlocks(bytes: Uint8Array): Statistics[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const out: Statistics[] = [];
  for (let at = 0; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES)
    out.push({
      t0: view.getFloat64(at, true),
      t1: view.getFloat64(at + 8, true),
      lo: view.getFloat64(at + 16, true),
      hi: view.getFloat64(at + 24, true),
      n: view.getUint16(at + 32, true),
      missing: view.getUint16(at + 34, true),
      worst: view.getUint8(at + 36),
    });
  return out;
}
