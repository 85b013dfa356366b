/** One delivery of a device into the archive: whole or not at all, each batch once, in the order it was written. */
import type { WireBatch } from '../../shared/device-contract.ts';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import { compareCursors, type Cursor, type RunInfo } from '../../shared/reading.ts';
import { explain, missingRanges, newBatches, type MissingRange } from '../ingest/gaps.ts';
import { readBatch, type BatchRows } from './batch-rows.ts';
import type { Database } from './database.ts';
import type { HotTable } from './hot-table.ts';
import {
  readingColumns,
  runChannels,
  strayRows,
  type PlacedColumns,
  type PlacedRows,
  type RunChannels,
} from './reading-columns.ts';
import { ensureDevice, findDevice, findRun, type DeviceRow } from './registry.ts';

/** What a pull brought. */
export interface Delivery {
  /** The cursor that was pulled after. */
  after: Cursor | null;
  batches: readonly WireBatch[];
  trimmedTo: Cursor | null;
  /** The device's account of its runs, as far as it matters here: from the cursor's run on. */
  runs: readonly RunInfo[];
  /** False: take nothing when a row's channel was not declared, and say so in `undeclared`. */
  takeStray: boolean;
}

/** What became of a delivery. Committed when this is returned. */
export interface Committed {
  cursor: Cursor | null;
  /** True when the delivery began beyond the cursor: nothing was taken, pull again after `cursor`. */
  resync: boolean;
  /** Set when nothing was taken because a batch of this run has rows of channels that were not declared. */
  undeclared: number | null;
  /** Batches taken, batches that were there already, batches that could not be understood. */
  accepted: number;
  duplicates: number;
  setAside: number;
  /** Rows of channels the device never declared. */
  stray: number;
  missing: MissingRange[];
  rows: PlacedColumns;
}

/** Bytes kept of what could not be understood, per device; beyond it is only counted. */
const SET_ASIDE_BYTES = 16 * 1024 * 1024;

interface Decoded {
  rows: BatchRows | null;
  problem: string;
}

/**
 * Commits `delivery` of device `name`. Throws BAD_REPLY {run} for a batch of a run that was not noted before,
 * ARCHIVE_FAILED; then nothing of the delivery is stored.
 */
export function commit(db: Database, hot: HotTable, name: string, delivery: Delivery): Committed {
  const decoded = new Map<WireBatch, Decoded>();
  // Unpacked before the write lock is taken; what another process takes meanwhile is sorted out under it.
  for (const batch of newBatches(findDevice(db, name)?.cursor ?? null, delivery.batches).fresh)
    decoded.set(batch, decode(batch));
  const taken: Taken[] = [];
  try {
    const committed = db.write(() => {
      const device = ensureDevice(db, name);
      const from = device.cursor;
      if (delivery.after && (!from || compareCursors(delivery.after, from) > 0))
        return { ...NOTHING, cursor: from, resync: true };
      const { fresh, duplicates } = newBatches(from, delivery.batches);
      const taking = new Taking(db, hot, device, delivery, taken);
      for (const batch of fresh) taking.take(batch, decoded.get(batch) ?? decode(batch));
      return { ...taking.end(), duplicates };
    });
    for (const { lane, batch, rows } of taken) hot.committed(lane.run.id, batch, rows);
    return committed;
  } catch (thrown) {
    if (!(thrown instanceof Undeclared)) throw thrown;
    return { ...NOTHING, cursor: delivery.after, undeclared: thrown.run };
  }
}

class Undeclared extends Error {
  readonly run: number;
  constructor(run: number) {
    super(`run ${run} has rows of undeclared channels`);
    this.run = run;
  }
}

/** One run's part in a delivery. */
interface Lane extends RunChannels {
  t0: number;
  t1: number;
}

interface Taken extends PlacedRows {
  lane: Lane;
}

class Taking {
  readonly #db: Database;
  readonly #hot: HotTable;
  readonly #device: DeviceRow;
  readonly #delivery: Delivery;
  readonly #lanes = new Map<number, Lane>();
  readonly #taken: Taken[];
  readonly #missing: MissingRange[] = [];
  #at: Cursor | null;
  #openGaps: boolean;
  #accepted = 0;
  #setAside = 0;
  #stray = 0;

  constructor(db: Database, hot: HotTable, device: DeviceRow, delivery: Delivery, taken: Taken[]) {
    this.#db = db;
    this.#hot = hot;
    this.#device = device;
    this.#delivery = delivery;
    this.#taken = taken;
    this.#at = device.cursor;
    this.#openGaps =
      db.get('SELECT 1 FROM gap WHERE device = ? AND to_run IS NULL LIMIT 1', device.id) !== undefined;
  }

  take(batch: WireBatch, { rows, problem }: Decoded): void {
    const lane = this.#lane(batch.run);
    this.#miss(batch);
    if (rows) {
      const stray = strayRows(lane, rows);
      if (stray > 0) {
        if (!this.#delivery.takeStray) throw new Undeclared(batch.run);
        this.#putAside(batch, 'rows of channels that were not declared');
        this.#stray += stray;
      }
      this.#hot.insert(this.#db, lane.run.id, batch.batch, batch.data, rows);
      this.#taken.push({ lane, batch: batch.batch, rows });
      this.#closeGaps(lane, rows);
      for (let i = 0; i < rows.us.length; i++) {
        const us = rows.us[i]!;
        if (us < lane.t0) lane.t0 = us;
        if (us > lane.t1) lane.t1 = us;
      }
      this.#accepted++;
    } else {
      this.#putAside(batch, problem);
      this.#setAside++;
    }
    this.#at = { run: batch.run, batch: batch.batch };
  }

  end(): Omit<Committed, 'duplicates'> {
    const { trimmedTo } = this.#delivery;
    if (trimmedTo && (!this.#at || compareCursors(trimmedTo, this.#at) > 0)) {
      this.#lane(trimmedTo.run);
      this.#miss({ run: trimmedTo.run, batch: trimmedTo.batch + 1 });
      this.#at = trimmedTo;
    }
    this.#flushTimes();
    this.#db.run(
      `UPDATE device SET cursor_run = ?, cursor_batch = ?, set_aside = set_aside + ?, stray = stray + ? WHERE id = ?`,
      this.#at?.run ?? null,
      this.#at?.batch ?? null,
      this.#setAside,
      this.#stray,
      this.#device.id,
    );
    return {
      cursor: this.#at,
      resync: false,
      undeclared: null,
      accepted: this.#accepted,
      setAside: this.#setAside,
      stray: this.#stray,
      missing: this.#missing,
      rows: readingColumns(this.#taken),
    };
  }

  #lane(number: number): Lane {
    const known = this.#lanes.get(number);
    if (known) return known;
    const run = findRun(this.#db, this.#device, number);
    if (!run)
      throw new MusterError('BAD_REPLY', `a batch of run ${number}, which the device has not declared`, {
        device: this.#device.name,
        run: number,
      });
    const lane: Lane = { ...runChannels(this.#db, run), t0: run.t0 ?? Infinity, t1: run.t1 ?? -Infinity };
    this.#lanes.set(number, lane);
    return lane;
  }

  /** Writes down what lies between the last batch and this one. */
  #miss(next: Cursor): void {
    const at = this.#at;
    if (at && at.run === next.run && at.batch + 1 === next.batch) return;
    const { runs, trimmedTo } = this.#delivery;
    const ranges = explain(missingRanges(at, next, runs), trimmedTo, runs);
    if (ranges.length === 0) return;
    this.#flushTimes();
    const [run, us] =
      this.#db.get(
        `SELECT id, t1 FROM run WHERE device = ? AND epoch = ? AND run <= ? AND t1 IS NOT NULL
         ORDER BY run DESC LIMIT 1`,
        this.#device.id,
        this.#device.epoch,
        at?.run ?? 0,
      ) ?? [];
    for (const range of ranges)
      this.#db.run(
        `INSERT INTO gap (device, epoch, run, first_batch, last_batch, reason, from_run, from_us)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        this.#device.id,
        this.#device.epoch,
        range.run,
        range.first,
        range.last,
        range.reason,
        (run as number | undefined) ?? null,
        (us as number | undefined) ?? null,
      );
    this.#missing.push(...ranges);
    this.#openGaps = true;
  }

  #closeGaps(lane: Lane, rows: BatchRows): void {
    if (!this.#openGaps || rows.us.length === 0) return;
    this.#db.run(
      'UPDATE gap SET to_run = ?, to_us = ? WHERE device = ? AND to_run IS NULL',
      lane.run.id,
      rows.us.reduce((a, b) => Math.min(a, b)),
      this.#device.id,
    );
    this.#openGaps = false;
  }

  #putAside(batch: WireBatch, reason: string): void {
    const { changes } = this.#db.run(
      'UPDATE device SET set_aside_bytes = set_aside_bytes + ?1 WHERE id = ?2 AND set_aside_bytes + ?1 <= ?3',
      batch.data.length,
      this.#device.id,
      SET_ASIDE_BYTES,
    );
    if (changes === 0) return;
    this.#db.run(
      'INSERT INTO set_aside (device, run, batch, reason, data) VALUES (?, ?, ?, ?, ?)',
      this.#device.id,
      batch.run,
      batch.batch,
      reason,
      batch.data,
    );
  }

  #flushTimes(): void {
    for (const { run, t0, t1 } of this.#lanes.values())
      if (t0 <= t1) this.#db.run('UPDATE run SET t0 = ?, t1 = ? WHERE id = ?', t0, t1, run.id);
  }
}

function decode(batch: WireBatch): Decoded {
  try {
    return { rows: readBatch(batch.data), problem: '' };
  } catch (thrown) {
    return { rows: null, problem: toMusterError(thrown).message };
  }
}

const NOTHING = {
  resync: false,
  undeclared: null,
  accepted: 0,
  duplicates: 0,
  setAside: 0,
  stray: 0,
  missing: [],
  rows: readingColumns([]),
};
