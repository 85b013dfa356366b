/**
 * The archive: the laptop's store of all devices' readings, in one SQLite file.
 * Owns: what is committed, the cursor of every device, sealing, questions of charts and exports.
 * Refuses: talking to devices, formats of files. A delivery is stored whole or not at all, every batch once, also
 * with several processes on one file and after a kill at any point. Called by ingest, export and the engine.
 * Methods answer promises, so that the archive can move to a thread of its own; SQLite itself is synchronous.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { WireBatch } from '../../shared/device-contract.ts';
import type { Channel, Gap, Span } from '../../shared/engine-contract.ts';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { ChannelInfo, Cursor, RunInfo } from '../../shared/reading.ts';
import type { Clock } from '../../shared/time.ts';
import { commit, type Committed, type Delivery } from './commit.ts';
import { openDatabase, openReader } from './database.ts';
import { HotTable } from './hot-table.ts';
import { audit, chosen, count, extent, newest, withLast, type Audit, type Choice } from './questions.ts';
import { uncommitted, type PlacedColumns } from './reading-columns.ts';
import {
  findDevice,
  listChannels,
  noteRunChannels,
  noteRuns,
  runById,
  runsOf,
  type Noted,
} from './registry.ts';
import { sealPass } from './sealer.ts';
import { HotParts } from './hot-parts.ts';
import { querySeries, type Series } from './series.ts';
import type { Window } from './series-plot.ts';
import { querySpans } from './spans.ts';
import { segmentsOf, walk, type Piece } from './walk.ts';

/** A piece of an export: readings of one channel. */
interface ChannelPiece extends Piece {
  channel: Channel;
}

export interface Archive {
  readonly path: string;
  /** Where a damaged file was moved when this archive was opened; null when all was well. */
  readonly setAside: string | null;
  /**
   * Takes over a device's account of its runs. `current`: the run of the daemon that answers. Must come before
   * batches of those runs.
   */
  noteRuns(device: string, runs: readonly RunInfo[], current: number): Promise<Noted>;
  /** Adds channels declared within a run; answers the new or changed ones. */
  noteChannels(device: string, run: number, channels: readonly ChannelInfo[]): Promise<Channel[]>;
  /** Commits what a pull brought. Throws BAD_REPLY for a batch of an undeclared run, ARCHIVE_FAILED. */
  ingest(device: string, delivery: Delivery): Promise<Committed>;
  /** Readings of batches that are to be looked at before their turn to be committed comes, as far as understood. */
  uncommitted(device: string, batches: readonly WireBatch[]): Promise<PlacedColumns>;
  /** The last batch committed of a device's journal; null: none. */
  cursor(device: string): Promise<Cursor | null>;
  /** The oldest run worth asking the device about: its wall time may still be put right, or it has more. */
  askRunsFrom(device: string): Promise<number>;
  /** Channels of a device, or of all (null), with their last reading. */
  channels(device: string | null): Promise<Channel[]>;
  /** A chart's columns; see querySeries. */
  series(channels: readonly number[], window: Window): Promise<{ series: Series[]; gaps: Gap[] }>;
  /** How far the times of these channels' devices can be believed within a window; see spansOf. */
  spans(channels: readonly number[], window: Window): Promise<Span[]>;
  /** Readings of a choice. */
  count(choice: Choice): Promise<number>;
  /** Epoch ms of the first and last reading of a choice; null when there is none. */
  extent(choice: Choice): Promise<{ from: number; to: number } | null>;
  /** Epoch ms of a device's newest reading. */
  newest(device: string): Promise<number | null>;
  /** Looks at every reading of a choice: how many, how many twice, how many batches are missing. */
  audit(choice: Choice): Promise<Audit>;
  /** The readings of a choice, channel by channel in time order, from one unchanging picture of the archive. */
  pieces(choice: Choice): AsyncGenerator<ChannelPiece, void>;
  /** Seals everything that is hot now. */
  seal(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens or makes the archive at `path`. A damaged file is moved aside and told in `setAside`; its readings come
 * again from the devices' journals. Throws ARCHIVE_NEWER, ARCHIVE_FAILED.
 */
export async function openArchive(path: string, options: { clock: Clock; log: Log }): Promise<Archive> {
  const stamp = new Date(options.clock.wall()).toISOString().replace(/\D/g, '').slice(0, 14);
  const open = () => {
    const { database, setAside } = openDatabase(path, { log: options.log, stamp });
    try {
      return new SqliteArchive(path, setAside, database, options.log);
    } catch (thrown) {
      database.close();
      throw thrown;
    }
  };
  try {
    return open();
  } catch (thrown) {
    // Damage met while reading is marked, and the whole file looked at when it is opened again.
    if (!(thrown instanceof MusterError) || thrown.details['damaged'] !== true) throw thrown;
    return open();
  }
}

/** Only so many of the latest runs are asked about again for the sake of their clock. */
const UNSURE_RUNS = 64;

class SqliteArchive implements Archive {
  readonly path: string;
  readonly setAside: string | null;
  readonly #db;
  readonly #log: Log;
  readonly #hot = new HotTable();
  /** Devices' runs that were over when the archive was opened or a newer one came: sealed to the end. */
  readonly #over = new Set<number>();
  readonly #unsealable = new Set<number>();
  readonly #currentRun = new Map<string, number>();
  #sealing: Promise<void> | null = null;
  #closing = false;

  constructor(
    path: string,
    setAside: string | null,
    db: ReturnType<typeof openDatabase>['database'],
    log: Log,
  ) {
    this.path = path;
    this.setAside = setAside;
    this.#db = db;
    this.#log = log;
    this.#hot.count(db);
    this.#sealSoon();
  }

  async noteRuns(device: string, runs: readonly RunInfo[], current: number): Promise<Noted> {
    return this.#db.write(() => noteRuns(this.#db, device, runs, current));
  }

  async noteChannels(device: string, run: number, channels: readonly ChannelInfo[]): Promise<Channel[]> {
    return this.#db.write(() => noteRunChannels(this.#db, device, run, channels));
  }

  async ingest(device: string, delivery: Delivery): Promise<Committed> {
    const committed = commit(this.#db, this.#hot, device, delivery);
    if (committed.setAside + committed.stray + committed.missing.length > 0)
      this.#log('warn', 'a delivery was not whole', {
        device,
        setAside: committed.setAside,
        stray: committed.stray,
        missing: committed.missing.length,
      });
    const run = committed.cursor?.run;
    if (run !== undefined && run !== this.#currentRun.get(device)) {
      this.#currentRun.set(device, run);
      this.#noteOver(device, run);
    }
    this.#sealSoon();
    return committed;
  }

  async uncommitted(device: string, batches: readonly WireBatch[]): Promise<PlacedColumns> {
    return this.#db.read(() => uncommitted(this.#db, device, batches));
  }

  async cursor(device: string): Promise<Cursor | null> {
    return findDevice(this.#db, device)?.cursor ?? null;
  }

  async askRunsFrom(device: string): Promise<number> {
    const row = findDevice(this.#db, device);
    if (!row?.cursor) return 1;
    const runs = runsOf(this.#db, row.id).filter((r) => r.epoch === row.epoch);
    const unsure = runs.slice(-UNSURE_RUNS).find((r) => r.clock !== 'ntp');
    return Math.min(unsure?.run ?? Infinity, row.cursor.run);
  }

  async channels(device: string | null): Promise<Channel[]> {
    return this.#db.read(() => {
      const parts = new HotParts(this.#db, this.#hot);
      return listChannels(this.#db, device === null ? null : [device]).map((c) =>
        withLast(this.#db, parts, c),
      );
    });
  }

  async series(channels: readonly number[], window: Window) {
    return querySeries(this.#db, this.#hot, channels, window);
  }

  async spans(channels: readonly number[], window: Window): Promise<Span[]> {
    return this.#db.read(() => querySpans(this.#db, channels, window));
  }

  async count(choice: Choice): Promise<number> {
    return this.#db.read(() => count(this.#db, new HotParts(this.#db, this.#hot), choice));
  }

  async extent(choice: Choice): Promise<{ from: number; to: number } | null> {
    return this.#db.read(() => extent(this.#db, new HotParts(this.#db, this.#hot), choice));
  }

  async newest(device: string): Promise<number | null> {
    return newest(this.#db, device);
  }

  async audit(choice: Choice): Promise<Audit> {
    return audit(this.#db, this.pieces(choice), choice);
  }

  async *pieces(choice: Choice): AsyncGenerator<ChannelPiece, void> {
    const reader = openReader(this.path);
    try {
      reader.hold();
      const parts = new HotParts(reader, this.#hot);
      for (const channel of chosen(reader, choice))
        for (const piece of walk(segmentsOf(reader, parts, channel.id, choice))) {
          yield { channel, ...piece };
          await breathe();
        }
    } finally {
      reader.close();
    }
  }

  async seal(): Promise<void> {
    for (const run of this.#hot.runs()) this.#over.add(run);
    await this.#sealing;
    this.#sealSoon();
    await this.#sealing;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#sealing;
    this.#db.close();
  }

  /** Every other run of the device is over: a daemon never goes back to one. */
  #noteOver(device: string, run: number): void {
    const row = findDevice(this.#db, device);
    if (!row) return;
    const hot = new Set(this.#hot.runs());
    for (const other of runsOf(this.#db, row.id))
      if (hot.has(other.id) && (other.run !== run || other.epoch !== row.epoch)) this.#over.add(other.id);
  }

  #sealSoon(): void {
    if (this.#sealing || this.#closing || this.#next() === undefined) return;
    this.#sealing = this.#sealAll().finally(() => {
      this.#sealing = null;
    });
  }

  #next(): number | undefined {
    return this.#hot
      .runs()
      .find((run) => !this.#unsealable.has(run) && (this.#over.has(run) || this.#hot.due(run)));
  }

  async #sealAll(): Promise<void> {
    for (let run = this.#next(); run !== undefined && !this.#closing; run = this.#next())
      try {
        if (!(await this.#sealPass(run))) this.#over.delete(run);
      } catch (thrown) {
        // Its readings stay hot, whole and readable; the other runs go on.
        this.#unsealable.add(run);
        this.#log('error', 'a run cannot be sealed', { run, reason: toMusterError(thrown).message });
      }
  }

  /** Step by step, letting everything else in the process have its turn between. */
  async #sealPass(run: number): Promise<boolean> {
    const pass = sealPass(this.#db, this.#hot, runById(this.#db, run));
    for (;;) {
      const step = pass.next();
      if (step.done) return step.value;
      await breathe();
      if (this.#closing) return true;
    }
  }
}
