/** A received batch as the archive reads it. The one place that decides what a batch's numbers may be. */
import { zstdDecompressSync } from 'node:zlib';
import { decodeBatch, isPacked, MAX_BATCH_ROWS } from '../../shared/batch.ts';
import { MusterError } from '../../shared/errors.ts';
import { qualityByte } from '../../shared/reading.ts';

/** Rows of a batch, columns of equal length. */
export interface BatchRows {
  /** Microseconds on the run's monotonic clock, whole numbers. */
  us: Float64Array;
  /** NaN exactly where the quality is `missing`. */
  value: Float64Array;
  /** ChannelInfo.index within the run. */
  index: Uint32Array;
  quality: Uint8Array;
}

const MISSING = qualityByte('missing');
const SUSPECT = qualityByte('suspect');
/** 30 years of one run; anything beyond is a broken clock, and would not survive as whole microseconds. */
const MAX_BASE_MS = 1e12;
/** A packed batch may not unpack to more than the largest legal one: a small frame is never trusted with memory. */
const MAX_BYTES = 16 + MAX_BATCH_ROWS * 17;

/**
 * Decodes a batch as it came over the wire. A value that is no finite number becomes a `missing` reading, an
 * unknown quality byte `suspect`. Throws BAD_FRAME when the bytes are not a batch or its time is impossible.
 */
export function readBatch(bytes: Uint8Array): BatchRows {
  const { baseMs, value, deltaUs, channel, quality } = decodeBatch(unpack(bytes));
  if (baseMs < 0 || baseMs > MAX_BASE_MS)
    throw new MusterError('BAD_FRAME', `a batch at ${baseMs} ms of its run`);
  const baseUs = Math.round(baseMs * 1000);
  const n = value.length;
  const rows: BatchRows = { us: new Float64Array(n), value, index: channel, quality };
  for (let i = 0; i < n; i++) rows.us[i] = baseUs + deltaUs[i]!;
  const bad = rows.value.findIndex((v, i) =>
    Number.isFinite(v) ? quality[i]! >= MISSING : quality[i] !== MISSING || !Number.isNaN(v),
  );
  if (bad >= 0) correct(rows, bad);
  return rows;
}

/** Repairs rows from `bad` on in copies: the received bytes are stored as they came. */
function correct(rows: BatchRows, bad: number): void {
  rows.value = rows.value.slice();
  rows.quality = rows.quality.slice();
  for (let i = bad; i < rows.value.length; i++) {
    const byte = rows.quality[i]!;
    if (!Number.isFinite(rows.value[i]) || byte === MISSING) {
      rows.value[i] = Number.NaN;
      rows.quality[i] = MISSING;
    } else if (byte > MISSING) rows.quality[i] = SUSPECT;
  }
}

function unpack(bytes: Uint8Array): Uint8Array {
  // A plain view: Buffer.slice, which a Buffer would bring along, does not copy.
  if (!isPacked(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    const out = zstdDecompressSync(bytes, { maxOutputLength: MAX_BYTES });
    return new Uint8Array(out.buffer, out.byteOffset, out.length);
  } catch (cause) {
    throw new MusterError('BAD_FRAME', 'a packed batch does not unpack', {}, cause);
  }
}
