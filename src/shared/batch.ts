/**
 * A batch: the readings of a short span as columns. The same bytes go from the batcher through the journal
 * and the wire into the archive; nobody re-encodes them on the way.
 *
 * Layout, little-endian, 8-byte aligned: "MB" u8 version(1) u8 0 · u32 count · f64 baseMs ·
 * f64 value[count] · u32 deltaUs[count] · u32 channel[count] · u8 quality[count].
 */
import { MusterError } from './errors.ts';

/** Columns of equal length. Time of row i, on the run's monotonic clock, is `baseMs + deltaUs[i] / 1000`. */
export interface BatchColumns {
  baseMs: number;
  value: Float64Array;
  deltaUs: Uint32Array;
  /** ChannelInfo.index within the run. */
  channel: Uint32Array;
  /** Byte of QUALITIES. */
  quality: Uint8Array;
}

const HEADER = 16;
const ROW = 17;
/** More rows than this in one batch are refused: a length field is never trusted with memory. */
export const MAX_BATCH_ROWS = 1_000_000;

/** Encodes columns. Throws BAD_INPUT when their lengths differ or exceed MAX_BATCH_ROWS. */
export function encodeBatch(columns: BatchColumns): Uint8Array {
  const n = columns.value.length;
  if (columns.deltaUs.length !== n || columns.channel.length !== n || columns.quality.length !== n)
    throw new MusterError('BAD_INPUT', 'batch columns differ in length');
  if (n > MAX_BATCH_ROWS) throw new MusterError('BAD_INPUT', `batch of ${n} rows is over ${MAX_BATCH_ROWS}`);
  const bytes = new Uint8Array(HEADER + n * ROW);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x4d;
  bytes[1] = 0x42;
  bytes[2] = 1;
  view.setUint32(4, n, true);
  view.setFloat64(8, columns.baseMs, true);
  new Float64Array(bytes.buffer, HEADER, n).set(columns.value);
  new Uint32Array(bytes.buffer, HEADER + n * 8, n).set(columns.deltaUs);
  new Uint32Array(bytes.buffer, HEADER + n * 12, n).set(columns.channel);
  bytes.set(columns.quality, HEADER + n * 16);
  return bytes;
}

/** Decodes `bytes` (unpacked). Throws BAD_FRAME when they are not a whole batch. Copies only if misaligned. */
export function decodeBatch(bytes: Uint8Array): BatchColumns {
  if (bytes.length < HEADER || bytes[0] !== 0x4d || bytes[1] !== 0x42)
    throw new MusterError('BAD_FRAME', 'not a batch');
  if (bytes[2] !== 1) throw new MusterError('BAD_FRAME', `batch version ${bytes[2]} is not known here`);
  // a Buffer's slice() would be a view, as misaligned as before
  const at = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  const view = new DataView(at.buffer, at.byteOffset, at.length);
  const n = view.getUint32(4, true);
  const baseMs = view.getFloat64(8, true);
  if (n > MAX_BATCH_ROWS || at.length !== HEADER + n * ROW)
    throw new MusterError('BAD_FRAME', `batch of ${n} rows does not fit ${at.length} bytes`);
  if (!Number.isFinite(baseMs)) throw new MusterError('BAD_FRAME', 'batch without a base time');
  const start = at.byteOffset + HEADER;
  return {
    baseMs,
    value: new Float64Array(at.buffer, start, n),
    deltaUs: new Uint32Array(at.buffer, start + n * 8, n),
    channel: new Uint32Array(at.buffer, start + n * 12, n),
    quality: new Uint8Array(at.buffer, start + n * 16, n),
  };
}

/** True when `bytes` are a zstd frame (RFC 8878 section 3.1.1) and need unpacking before decodeBatch. */
export function isPacked(bytes: Uint8Array): boolean {
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
}
