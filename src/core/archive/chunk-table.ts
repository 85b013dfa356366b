/** The sealed readings: per channel and run, in pieces of about 8,000, with statistics beside them. */
import { MusterError } from '../../shared/errors.ts';
import { decodeBlocks, encodeBlocks, statistics, type Statistics } from './chunk-blocks.ts';
import { decodeChunk, encodeChunk, MAX_STEP_US, type Rows } from './chunk-codec.ts';
import type { Database } from './database.ts';

/** A chunk without its readings. */
export interface ChunkRow extends Statistics {
  /** Key of its bytes. */
  data: number;
}

/** Readings in a full chunk. 50 M readings of a channel are 6,100 rows of statistics. */
const CHUNK_ROWS = 8192;

/**
 * Adds a channel's new readings of a run, within a write. Small chunks at the end are opened again and joined, as
 * long as that does not cost more than twice what is added: every reading is rewritten a few times, never often.
 */
export function appendRows(db: Database, channel: number, run: number, fresh: Rows): void {
  const tail = db.all(
    'SELECT seq, n, data FROM chunk WHERE channel = ? AND run = ? ORDER BY seq DESC LIMIT 16',
    channel,
    run,
  ) as [number, number, number][];
  const parts = [fresh];
  let total = fresh.us.length;
  let seq = (tail[0]?.[0] ?? 0) + 1;
  for (const [last, n, data] of tail) {
    if (n >= CHUNK_ROWS || n > 2 * total) break;
    const rows = loadRows(db, data);
    // one that rotted is left as it is
    if (!rows) break;
    parts.unshift(rows);
    db.run('DELETE FROM chunk WHERE channel = ? AND run = ? AND seq = ?', channel, run, last);
    db.run('DELETE FROM chunk_data WHERE id = ?', data);
    total += n;
    seq = last;
  }
  for (const piece of split(ascending(join(parts)))) insert(db, channel, run, seq++, piece);
}

/** Chunks of a channel's run that touch t0..t1 (us, both included), in the order they were sealed. */
export function chunksOf(db: Database, channel: number, run: number, t0: number, t1: number): ChunkRow[] {
  const rows = db.all(
    `SELECT t0, t1, n, missing, lo, hi, worst, data FROM chunk
     WHERE channel = ? AND run = ? AND t1 >= ? AND t0 <= ? ORDER BY seq`,
    channel,
    run,
    t0,
    t1,
  ) as [number, number, number, number, number | null, number | null, number, number][];
  return rows.map(([t0, t1, n, missing, lo, hi, worst, data]) => ({
    t0,
    t1,
    n,
    missing,
    lo: lo ?? Number.NaN,
    hi: hi ?? Number.NaN,
    worst,
    data,
  }));
}

/** The readings of a chunk; null when its bytes rotted on the disk: the others are as good as ever. */
export function loadRows(db: Database, data: number): Rows | null {
  const [bytes] = db.get('SELECT data FROM chunk_data WHERE id = ?', data) as [Uint8Array];
  try {
    return decodeChunk(bytes);
  } catch (thrown) {
    if (thrown instanceof MusterError && thrown.code === 'ARCHIVE_FAILED') return null;
    throw thrown;
  }
}

/** The statistics of a chunk's blocks. */
export function loadBlocks(db: Database, data: number): Statistics[] {
  const [bytes] = db.get('SELECT blocks FROM chunk_data WHERE id = ?', data) as [Uint8Array];
  return decodeBlocks(bytes);
}

function insert(db: Database, channel: number, run: number, seq: number, rows: Rows): void {
  const all = statistics(rows);
  const { id } = db.run(
    'INSERT INTO chunk_data (blocks, data) VALUES (?, ?)',
    encodeBlocks(rows),
    encodeChunk(rows),
  );
  const last = rows.us.length - 1;
  let sum = 0;
  for (let i = 0; i <= last; i++) if (!Number.isNaN(rows.value[i]!)) sum += rows.value[i]!;
  db.run(
    `INSERT INTO chunk (channel, run, seq, t0, t1, n, missing, lo, hi, sum, worst, last_value, last_quality, data)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    channel,
    run,
    seq,
    all.t0,
    all.t1,
    all.n,
    all.missing,
    orNull(all.lo),
    orNull(all.hi),
    Number.isFinite(sum) ? sum : Number.MAX_VALUE,
    all.worst,
    orNull(rows.value[last]!),
    rows.quality[last]!,
    id,
  );
}

function orNull(n: number): number | null {
  return Number.isNaN(n) ? null : n;
}

function join(parts: Rows[]): Rows {
  if (parts.length === 1) return parts[0]!;
  const n = parts.reduce((sum, p) => sum + p.us.length, 0);
  const out: Rows = { us: new Float64Array(n), value: new Float64Array(n), quality: new Uint8Array(n) };
  let at = 0;
  for (const part of parts) {
    out.us.set(part.us, at);
    out.value.set(part.value, at);
    out.quality.set(part.quality, at);
    at += part.us.length;
  }
  return out;
}

/** The rows in time order; rows of one time keep theirs. Copies only when a device's clock stepped back. */
export function ascending(rows: Rows): Rows {
  const { us } = rows;
  let ordered = true;
  for (let i = 1; i < us.length && ordered; i++) ordered = us[i]! >= us[i - 1]!;
  if (ordered) return rows;
  const order = Array.from(us, (_, i) => i).sort((a, b) => us[a]! - us[b]! || a - b);
  return {
    us: Float64Array.from(order, (i) => us[i]!),
    value: Float64Array.from(order, (i) => rows.value[i]!),
    quality: Uint8Array.from(order, (i) => rows.quality[i]!),
  };
}

/** Pieces of at most CHUNK_ROWS, cut also where a silence is too long for the codec. */
function split(rows: Rows): Rows[] {
  const out: Rows[] = [];
  let from = 0;
  for (let i = 1; i <= rows.us.length; i++) {
    const cut =
      i === rows.us.length || i - from === CHUNK_ROWS || rows.us[i]! - rows.us[i - 1]! > MAX_STEP_US;
    if (!cut) continue;
    out.push({
      us: rows.us.subarray(from, i),
      value: rows.value.subarray(from, i),
      quality: rows.quality.subarray(from, i),
    });
    from = i;
  }
  return out;
}
