/** Batches as readings: the archive's channel ids instead of a run's indexes, wall time instead of its own clock. */
import type { WireBatch } from '../../shared/device-contract.ts';
import type { Cursor } from '../../shared/reading.ts';
import { readBatch, type BatchRows } from './batch-rows.ts';
import type { Database } from './database.ts';
import { indexLookup } from './index-lookup.ts';
import { channelsOfRun, findDevice, findRun, type RunRow } from './registry.ts';

/** Readings as columns of equal length, with the archive's channel ids and wall time. */
export interface ReadingColumns {
  channel: Uint32Array;
  /** Epoch ms. */
  t: Float64Array;
  value: Float64Array;
  quality: Uint8Array;
}

/** Columns that know their batches: rows of a batch end before row `end`, and begin where the one before ended. */
export interface PlacedColumns extends ReadingColumns {
  places: (Cursor & { end: number })[];
}

/** What a run's rows mean. `channelOf` answers -1 for an index that was not declared. */
export interface RunChannels {
  run: RunRow;
  channelOf: (index: number) => number;
}

/** A batch of a run, decoded. */
export interface PlacedRows {
  lane: RunChannels;
  batch: number;
  rows: BatchRows;
}

export function runChannels(db: Database, run: RunRow): RunChannels {
  const channels = [...channelsOfRun(db, run).values()];
  return { run, channelOf: indexLookup(channels.map((c) => [c.index, c.channel] as const)) };
}

/** Rows of channels that were not declared. */
export function strayRows({ channelOf }: RunChannels, rows: BatchRows): number {
  let stray = 0;
  for (let i = 0; i < rows.index.length; i++) if (channelOf(rows.index[i]!) < 0) stray++;
  return stray;
}

/** All rows in one set of columns, in the order of the batches; stray ones are left out. */
export function readingColumns(batches: readonly PlacedRows[]): PlacedColumns {
  const n = batches.reduce((sum, { rows }) => sum + rows.us.length, 0);
  const out = {
    channel: new Uint32Array(n),
    t: new Float64Array(n),
    value: new Float64Array(n),
    quality: new Uint8Array(n),
  };
  const places: PlacedColumns['places'] = [];
  let at = 0;
  for (const { lane, batch, rows } of batches) {
    for (let i = 0; i < rows.us.length; i++) {
      const channel = lane.channelOf(rows.index[i]!);
      if (channel < 0) continue;
      out.channel[at] = channel;
      out.t[at] = lane.run.offsetMs + rows.us[i]! / 1000;
      out.value[at] = rows.value[i]!;
      out.quality[at++] = rows.quality[i]!;
    }
    places.push({ run: lane.run.run, batch, end: at });
  }
  return { ...rowsBetween(out, 0, at), places };
}

/** Rows `from` up to, not including, `to`; not copied. */
export function rowsBetween(
  { channel, t, value, quality }: ReadingColumns,
  from: number,
  to: number,
): ReadingColumns {
  return {
    channel: channel.subarray(from, to),
    t: t.subarray(from, to),
    value: value.subarray(from, to),
    quality: quality.subarray(from, to),
  };
}

/** Readings of batches that are not in the archive; a batch that cannot be understood yet is left out. */
export function uncommitted(db: Database, name: string, batches: readonly WireBatch[]): PlacedColumns {
  const device = findDevice(db, name);
  const lanes = new Map<number, RunChannels | null>();
  const understood: PlacedRows[] = [];
  for (const { run, batch, data } of device ? batches : []) {
    let lane = lanes.get(run);
    if (lane === undefined) {
      const row = findRun(db, device!, run);
      lane = row && runChannels(db, row);
      lanes.set(run, lane);
    }
    const rows = lane && decoded(data);
    if (lane && rows && strayRows(lane, rows) === 0) understood.push({ lane, batch, rows });
  }
  return readingColumns(understood);
}

function decoded(data: Uint8Array): BatchRows | null {
  try {
    return readBatch(data);
  } catch {
    // it is set aside, and told, when its turn to be committed comes
    return null;
  }
}
