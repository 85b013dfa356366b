/**
 * Batches on their way out: the readings in them with channel and wall time, in the order they were recorded.
 * Columns are kept as they are; a reading is made when its turn comes, so that a parcel needs little more than its batches.
 */
import { zstdDecompressSync } from 'node:zlib';
import { decodeBatch, isPacked, MAX_BATCH_ROWS, type BatchColumns } from '../../src/shared/batch.ts';
import type { WireBatch } from '../../src/shared/device-contract.ts';
import {
  qualityName,
  type ChannelInfo,
  type ClockSource,
  type Cursor,
  type Quality,
} from '../../src/shared/reading.ts';
import type { KnownRun, RunBook } from './run-book.ts';

/** A batch's header and rows at most (src/shared/batch.ts). */
const MAX_BYTES = 16 + MAX_BATCH_ROWS * 17;

/** A reading as others get it. */
export interface Reading {
  channel: ChannelInfo;
  /** Epoch ms, as far as the run's clock is believed. */
  at: number;
  clock: ClockSource;
  /** NaN when it is missing. */
  value: number;
  quality: Quality;
}

export interface Parcel {
  first: Cursor;
  last: Cursor;
  /** Rows in it, wanted or not. */
  rows: number;
  /** The wanted readings, oldest first; the same ones each time. */
  readings(): Generator<Reading>;
}

/** Makes a parcel of batches, at least one. Rows whose channel nobody knows are left out. */
export async function parcelOf(
  batches: readonly WireBatch[],
  book: RunBook,
  isWanted: (channel: ChannelInfo) => boolean,
): Promise<Parcel> {
  const parts: { columns: BatchColumns; run: KnownRun | null }[] = [];
  let rows = 0;
  for (const { run, data } of batches) {
    const columns = unpack(data);
    const highest = columns.channel.reduce((most, index) => Math.max(most, index), 0);
    parts.push({ columns, run: await book.run(run, highest) });
    rows += columns.value.length;
  }
  const at = (index: number): Cursor => {
    const { run, batch } = batches.at(index) as WireBatch;
    return { run, batch };
  };
  return {
    first: at(0),
    last: at(-1),
    rows,
    *readings() {
      for (const { columns, run } of parts) if (run) yield* readingsOf(columns, run, isWanted);
    },
  };
}

function* readingsOf(
  { baseMs, value, deltaUs, channel, quality }: BatchColumns,
  { offsetMs, clock, channels }: KnownRun,
  isWanted: (channel: ChannelInfo) => boolean,
): Generator<Reading> {
  for (let i = 0; i < value.length; i++) {
    const info = channels.get(channel[i] as number);
    if (!info || !isWanted(info)) continue;
    yield {
      channel: info,
      at: offsetMs + baseMs + (deltaUs[i] as number) / 1000,
      clock,
      value: value[i] as number,
      quality: qualityName(quality[i] as number),
    };
  }
}

function unpack(data: Uint8Array): BatchColumns {
  return decodeBatch(isPacked(data) ? zstdDecompressSync(data, { maxOutputLength: MAX_BYTES }) : data);
}
