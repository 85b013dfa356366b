/**
 * The bytes of a chunk: one channel's readings of one run, packed.
 *
 * Before zstd: "MC" u8 version(1) u8 form · u32 n · f64 t0 (us) · f64 step (us) · u8 power · u8 timeBytes ·
 * u8 valueBytes · u8 quality (255: a column follows) · time planes · value planes · quality[n].
 * Time i is a zigzag difference to the one before, less `step`. Values are whole numbers of 10^-power as zigzag
 * differences (form 1: chosen only when every value comes back bit for bit) or raw f64 (form 0). A plane holds
 * byte k of every number, so that the bytes which hardly change lie together for zstd. A missing reading has no
 * value of its own: it repeats the one before and is told by its quality.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { MusterError } from '../../shared/errors.ts';
import { qualityByte } from '../../shared/reading.ts';

/** Readings of one channel, ascending in time. */
export interface Rows {
  /** Whole microseconds on the run's monotonic clock. */
  us: Float64Array;
  /** NaN exactly where the quality is `missing`. */
  value: Float64Array;
  quality: Uint8Array;
}

/** No two neighbours in a chunk may lie further apart, us: differences are 32 bits wide. */
export const MAX_STEP_US = 2 ** 30;

const HEADER = 28;
const MISSING = qualityByte('missing');
const MANY = 255;
const MAX_SCALED = 2 ** 30;
const MAX_POWER = 7;
/** With a checksum: SQLite has none, and a bit that flipped on the disk must not come out as a value. */
const PACKING = {
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};

/** Packs rows. Throws BAD_INPUT when times do not ascend or leap over MAX_STEP_US. */
export function encodeChunk(rows: Rows): Uint8Array {
  const n = rows.us.length;
  const step = n > 1 ? Math.round((rows.us[n - 1]! - rows.us[0]!) / (n - 1)) : 0;
  const times = timeNumbers(rows.us, step);
  const power = commonPower(rows);
  const values = power < 0 ? null : valueNumbers(rows, 10 ** power);
  const timeBytes = width(times);
  const valueBytes = values ? width(values) : 8;
  const uniform = rows.quality.every((q) => q === rows.quality[0]);
  const out = new Uint8Array(HEADER + n * (timeBytes + valueBytes + (uniform ? 0 : 1)));
  const view = new DataView(out.buffer);
  out.set([0x4d, 0x43, 1, values ? 1 : 0]);
  view.setUint32(4, n, true);
  view.setFloat64(8, rows.us[0] ?? 0, true);
  view.setFloat64(16, step, true);
  out.set([Math.max(0, power), timeBytes, valueBytes, uniform ? (rows.quality[0] ?? 0) : MANY], 24);
  let at = writePlanes(out, HEADER, times, timeBytes);
  if (values) at = writePlanes(out, at, values, valueBytes);
  else {
    const raw = new Uint8Array(Float64Array.from(rows.value).buffer);
    for (let k = 0; k < 8; k++) for (let i = 0; i < n; i++) out[at++] = raw[i * 8 + k]!;
  }
  if (!uniform) out.set(rows.quality, at);
  return zstdCompressSync(out, PACKING);
}

/** Unpacks what encodeChunk made. Throws ARCHIVE_FAILED when the bytes are damaged. */
export function decodeChunk(packed: Uint8Array): Rows {
  let bytes: Uint8Array;
  try {
    const out = zstdDecompressSync(packed);
    bytes = new Uint8Array(out.buffer, out.byteOffset, out.length);
  } catch (cause) {
    throw new MusterError('ARCHIVE_FAILED', 'a chunk does not unpack', { damaged: true }, cause);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const n = bytes.length < HEADER ? -1 : view.getUint32(4, true);
  const [power, timeBytes, valueBytes, quality] = bytes.subarray(24, HEADER) as unknown as number[];
  const size = HEADER + n * (timeBytes! + valueBytes! + (quality === MANY ? 1 : 0));
  if (n < 0 || bytes[0] !== 0x4d || bytes[1] !== 0x43 || bytes[2] !== 1 || bytes.length !== size)
    throw new MusterError('ARCHIVE_FAILED', 'a chunk is not whole', { damaged: true });
  const valuesAt = HEADER + n * timeBytes!;
  const qualityAt = valuesAt + n * valueBytes!;
  const rows: Rows = {
    us: readTimes(bytes, n, timeBytes!, view.getFloat64(8, true), view.getFloat64(16, true)),
    value:
      bytes[3] === 1
        ? readScaled(bytes, valuesAt, n, valueBytes!, 10 ** power!)
        : readRaw(bytes, valuesAt, n),
    quality: quality === MANY ? bytes.slice(qualityAt) : new Uint8Array(n).fill(quality!),
  };
  if (quality === MANY || quality === MISSING)
    for (let i = 0; i < n; i++) if (rows.quality[i] === MISSING) rows.value[i] = Number.NaN;
  return rows;
}

function timeNumbers(us: Float64Array, step: number): Uint32Array {
  const out = new Uint32Array(us.length);
  for (let i = 1; i < us.length; i++) {
    const difference = us[i]! - us[i - 1]!;
    if (!(difference >= 0 && difference <= MAX_STEP_US))
      throw new MusterError('BAD_INPUT', `a chunk with a step of ${difference} us`);
    out[i] = zigzag((difference - step) | 0);
  }
  return out;
}

/** Smallest power of ten that turns every value into a whole number and back unchanged; -1 when there is none. */
function commonPower(rows: Rows): number {
  let power = 0;
  let scale = 1;
  for (let i = 0; i < rows.value.length; i++) {
    if (rows.quality[i] === MISSING) continue;
    const value = rows.value[i]!;
    // Powers found for earlier values stay good: k * 10^-p is also 10k * 10^-(p+1); checked again below.
    while (Math.round(value * scale) / scale !== value || Object.is(value, -0)) {
      if (++power > MAX_POWER) return -1;
      scale *= 10;
    }
  }
  for (let i = 0; i < rows.value.length; i++) {
    if (rows.quality[i] === MISSING) continue;
    const whole = Math.round(rows.value[i]! * scale);
    if (!(Math.abs(whole) < MAX_SCALED) || whole / scale !== rows.value[i]) return -1;
  }
  return power;
}

function valueNumbers(rows: Rows, scale: number): Uint32Array {
  const out = new Uint32Array(rows.value.length);
  let before = 0;
  for (let i = 0; i < out.length; i++) {
    if (rows.quality[i] === MISSING) continue;
    const whole = Math.round(rows.value[i]! * scale);
    out[i] = zigzag(whole - before);
    before = whole;
  }
  return out;
}

function zigzag(n: number): number {
  return ((n << 1) ^ (n >> 31)) >>> 0;
}

/** Bytes needed for the largest of `numbers`. */
function width(numbers: Uint32Array): number {
  let all = 0;
  for (let i = 0; i < numbers.length; i++) all |= numbers[i]!;
  all >>>= 0;
  return all < 0x100 ? 1 : all < 0x1_0000 ? 2 : all < 0x100_0000 ? 3 : 4;
}

function writePlanes(out: Uint8Array, from: number, numbers: Uint32Array, bytes: number): number {
  let at = from;
  for (let k = 0; k < bytes; k++) {
    const shift = k * 8;
    for (let i = 0; i < numbers.length; i++) out[at++] = numbers[i]! >>> shift;
  }
  return at;
}

/** Number i of planes that start at `at`, undone from zigzag. */
function readPlanes(bytes: Uint8Array, at: number, n: number, width: number): Int32Array {
  const out = new Int32Array(n);
  for (let k = 0; k < width; k++) {
    const plane = at + k * n;
    const shift = k * 8;
    for (let i = 0; i < n; i++) out[i]! |= bytes[plane + i]! << shift;
  }
  for (let i = 0; i < n; i++) out[i] = (out[i]! >>> 1) ^ -(out[i]! & 1);
  return out;
}

function readTimes(bytes: Uint8Array, n: number, width: number, t0: number, step: number): Float64Array {
  const differences = readPlanes(bytes, HEADER, n, width);
  const out = new Float64Array(n);
  let t = t0;
  for (let i = 0; i < n; i++) {
    if (i > 0) t += step + differences[i]!;
    out[i] = t;
  }
  return out;
}

function readScaled(bytes: Uint8Array, at: number, n: number, width: number, scale: number): Float64Array {
  const differences = readPlanes(bytes, at, n, width);
  const out = new Float64Array(n);
  let whole = 0;
  for (let i = 0; i < n; i++) {
    whole += differences[i]!;
    out[i] = whole / scale;
  }
  return out;
}

function readRaw(bytes: Uint8Array, at: number, n: number): Float64Array {
  const out = new Float64Array(n);
  const raw = new Uint8Array(out.buffer);
  for (let k = 0; k < 8; k++) for (let i = 0; i < n; i++) raw[i * 8 + k] = bytes[at + k * n + i]!;
  return out;
}
