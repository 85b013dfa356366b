/** Batches as received, waiting to be sealed; the decoded form of recent ones is kept at hand. */
import { readBatch, type BatchRows } from './batch-rows.ts';
import type { Database } from './database.ts';

/** A hot batch, decoded. */
export interface HotBatch {
  batch: number;
  rows: BatchRows;
}

/** Hot of one run beyond this is worth sealing: a minute of a watched device, or a piece of a backfill. */
const DUE_BATCHES = 256;
const DUE_ROWS = 262_144;
/** About 25 MB. Beyond, the oldest are decoded again when they are wanted. */
const KEPT_ROWS = 1_000_000;

/**
 * The hot batches of an archive. A batch's bytes never change once they are committed, so a decoded copy is good
 * for as long as its row exists, whichever process wrote it.
 */
export class HotTable {
  readonly #kept = new Map<number, Map<number, BatchRows>>();
  readonly #sizes = new Map<number, { batches: number; rows: number }>();
  #keptRows = 0;

  /** Stores a batch as received, within a write. */
  insert(db: Database, run: number, batch: number, data: Uint8Array, rows: BatchRows): void {
    db.run('INSERT INTO hot (run, batch, rows, data) VALUES (?, ?, ?, ?)', run, batch, rows.us.length, data);
  }

  /** Takes note of a committed batch and keeps its decoded form at hand. */
  committed(run: number, batch: number, rows: BatchRows): void {
    const size = this.#sizes.get(run) ?? { batches: 0, rows: 0 };
    this.#sizes.set(run, { batches: size.batches + 1, rows: size.rows + rows.us.length });
    this.#keep(run, batch, rows);
  }

  /** Counts what is hot of every run, as left by an earlier life or another process. */
  count(db: Database): void {
    this.#sizes.clear();
    const rows = db.all('SELECT run, count(*), sum(rows) FROM hot GROUP BY run');
    for (const [run, batches, n] of rows as [number, number, number][])
      this.#sizes.set(run, { batches, rows: n });
  }

  /** Runs (row ids) that have anything hot. */
  runs(): number[] {
    return [...this.#sizes.keys()];
  }

  /** True when so much of a run is hot that it should be sealed. */
  due(run: number): boolean {
    const size = this.#sizes.get(run);
    return size !== undefined && (size.batches >= DUE_BATCHES || size.rows >= DUE_ROWS);
  }

  /**
   * Batches of a run after `after`, oldest first, within a read: at most `maxBatches`, and no more once `maxRows`
   * are reached (at least one if there is one).
   */
  load(db: Database, run: number, after: number, maxRows = Infinity, maxBatches = -1): HotBatch[] {
    const out: HotBatch[] = [];
    let rows = 0;
    const list = db.all(
      'SELECT batch, rows FROM hot WHERE run = ? AND batch > ? ORDER BY batch LIMIT ?',
      run,
      after,
      maxBatches,
    );
    for (const [batch, n] of list as [number, number][]) {
      if (out.length > 0 && rows + n > maxRows) break;
      rows += n;
      out.push({ batch, rows: this.#rows(db, run, batch) });
    }
    return out;
  }

  /** Removes what is sealed, within a write. */
  remove(db: Database, run: number, upTo: number): void {
    db.run('DELETE FROM hot WHERE run = ? AND batch <= ?', run, upTo);
  }

  /** Takes note that a run is sealed up to here, by whomever. */
  sealed(db: Database, run: number, upTo: number): void {
    const [batches, rows] = db.get('SELECT count(*), sum(rows) FROM hot WHERE run = ?', run) as number[];
    if (batches! > 0) this.#sizes.set(run, { batches: batches!, rows: rows! });
    else this.#sizes.delete(run);
    for (const batch of this.#kept.get(run)?.keys() ?? []) if (batch <= upTo) this.#drop(run, batch);
  }

  #rows(db: Database, run: number, batch: number): BatchRows {
    const kept = this.#kept.get(run)?.get(batch);
    if (kept) return kept;
    const [data] = db.get('SELECT data FROM hot WHERE run = ? AND batch = ?', run, batch) as [Uint8Array];
    const rows = readBatch(data);
    this.#keep(run, batch, rows);
    return rows;
  }

  #keep(run: number, batch: number, rows: BatchRows): void {
    const ofRun = this.#kept.get(run) ?? new Map<number, BatchRows>();
    if (ofRun.has(batch)) return;
    this.#kept.set(run, ofRun.set(batch, rows));
    this.#keptRows += rows.us.length;
    for (const [oldRun, old] of this.#kept)
      for (const oldBatch of old.keys()) {
        if (this.#keptRows <= KEPT_ROWS) return;
        this.#drop(oldRun, oldBatch);
      }
  }

  #drop(run: number, batch: number): void {
    const ofRun = this.#kept.get(run);
    this.#keptRows -= ofRun?.get(batch)?.us.length ?? 0;
    ofRun?.delete(batch);
    if (ofRun?.size === 0) this.#kept.delete(run);
  }
}
