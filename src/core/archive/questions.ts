/** Small questions to the archive: how much, from when to when, what came last, is it whole? */
import type { Channel } from '../../shared/engine-contract.ts';
import type { Database } from './database.ts';
import type { HotParts } from './hot-parts.ts';
import { findDevice, listChannels, runsOf, runsOfChannel } from './registry.ts';
import { segmentsOf, type Piece, type Span } from './walk.ts';

/** Which readings: of these devices (none: all) and these channels of theirs (none: all), from..to included. */
export interface Choice extends Span {
  devices: readonly string[];
  channels: readonly number[];
}

/** What an audit found. */
export interface Audit {
  channels: number;
  readings: number;
  /** Readings that have a twin: the same channel at the same time. */
  duplicates: number;
  /** Batches of the chosen devices that never came, by reason. */
  missingBatches: { trimmed: number; unknown: number };
}

/** The channels of a choice. */
export function chosen(db: Database, choice: Choice): Channel[] {
  const wanted = new Set(choice.channels);
  return listChannels(db, choice.devices.length > 0 ? choice.devices : null).filter(
    (c) => wanted.size === 0 || wanted.has(c.id),
  );
}

/** Readings of a choice, counted from statistics where they suffice. */
export function count(db: Database, parts: HotParts, choice: Choice): number {
  let n = 0;
  for (const { id } of chosen(db, choice))
    for (const segment of segmentsOf(db, parts, id, choice)) n += segment.count();
  return n;
}

/** First and last reading of a choice, epoch ms. */
export function extent(db: Database, parts: HotParts, choice: Choice): { from: number; to: number } | null {
  let from = Infinity;
  let to = -Infinity;
  for (const { id } of chosen(db, choice))
    for (const segment of segmentsOf(db, parts, id, choice)) {
      const inside = segment.from >= (choice.from ?? -Infinity) && segment.to <= (choice.to ?? Infinity);
      const t = inside ? [segment.from, segment.to] : (segment.load()?.t ?? []);
      if (t.length === 0) continue;
      from = Math.min(from, t[0]!);
      to = Math.max(to, t.at(-1)!);
    }
  return from <= to ? { from, to } : null;
}

/** Epoch ms of the last reading of a device's latest run that has one. */
export function newest(db: Database, device: string): number | null {
  const row = findDevice(db, device);
  const last = row && runsOf(db, row.id).findLast((run) => run.t1 !== null);
  return last ? last.offsetMs + last.t1! / 1000 : null;
}

/** The channel with its last reading: last by the order of runs, whatever their clocks say. */
export function withLast(db: Database, parts: HotParts, channel: Channel): Channel {
  for (const part of runsOfChannel(db, channel.id).toReversed()) {
    const at = (us: number) => part.run.offsetMs + us / 1000;
    const fresh = parts.of(part);
    if (fresh) {
      const i = fresh.us.length - 1;
      return {
        ...channel,
        last: { at: at(fresh.us[i]!), value: fresh.value[i]!, quality: fresh.quality[i]! },
      };
    }
    const row = db.get(
      `SELECT t1, last_value, last_quality FROM chunk WHERE channel = ? AND run = ? ORDER BY seq DESC LIMIT 1`,
      channel.id,
      part.run.id,
    ) as [number, number | null, number] | undefined;
    if (row) return { ...channel, last: { at: at(row[0]), value: row[1] ?? Number.NaN, quality: row[2] } };
  }
  return channel;
}

/** Goes through all readings of a choice. */
export async function audit(
  db: Database,
  pieces: AsyncIterable<Piece & { channel: Channel }>,
  choice: Choice,
): Promise<Audit> {
  const seen = new Set<number>();
  let readings = 0;
  let duplicates = 0;
  let channel = -1;
  let last = Number.NaN;
  for await (const piece of pieces) {
    if (piece.channel.id !== channel) last = Number.NaN;
    channel = piece.channel.id;
    seen.add(channel);
    readings += piece.t.length;
    for (const t of piece.t) {
      if (t === last) duplicates++;
      last = t;
    }
  }
  const wanted = new Set(choice.devices);
  const missing = { trimmed: 0, unknown: 0 };
  const rows = db.all(
    `SELECT d.name, g.reason, sum(g.last_batch - g.first_batch + 1)
     FROM gap g JOIN device d ON d.id = g.device GROUP BY g.device, g.reason`,
  ) as [string, string, number][];
  for (const [name, reason, batches] of rows)
    if (wanted.size === 0 || wanted.has(name))
      missing[reason === 'journal-trimmed' ? 'trimmed' : 'unknown'] += batches;
  return { channels: seen.size, readings, duplicates, missingBatches: missing };
}
