/** The chart's question to the archive: what did these channels do from..to, at so many pixels? */
import type { Gap } from '../../shared/engine-contract.ts';
import type { Statistics } from './chunk-blocks.ts';
import type { Rows } from './chunk-codec.ts';
import { ascending, chunksOf, loadBlocks, loadRows, type ChunkRow } from './chunk-table.ts';
import type { Database } from './database.ts';
import { HotParts } from './hot-parts.ts';
import type { HotTable } from './hot-table.ts';
import { runsOf, runsOfChannel, type RunChannelRow, type RunRow } from './registry.ts';
import { gapsOf, SeriesPlot, type Points, type Silence, type Window } from './series-plot.ts';

/** One channel's part of the answer. */
export interface Series extends Points {
  channel: number;
  /** Readings behind the points. */
  count: number;
}

/** A stretch of a channel within the window, packed or at hand. */
interface Stretch {
  part: RunChannelRow;
  from: number;
  chunk: ChunkRow | null;
  rows: Rows | null;
}

/**
 * Columns of each channel: readings as they are when they are few, else lo, hi and worst quality by pixel (see
 * series-plot), NaN where there is nothing; and the gaps with their reasons. Unknown channels come out empty.
 */
export function querySeries(
  db: Database,
  hot: HotTable,
  channels: readonly number[],
  window: Window,
): { series: Series[]; gaps: Gap[] } {
  return db.read(() => {
    const hotRows = new HotParts(db, hot);
    const reasons = new Reasons(db);
    const series: Series[] = [];
    const gaps: Gap[] = [];
    for (const channel of channels) {
      const plot = drawChannel(db, hotRows, channel, window);
      series.push({ channel, ...plot.finish() });
      gaps.push(...gapsOf(channel, plot, (silence) => reasons.of(channel, silence)));
    }
    return { series, gaps };
  });
}

function drawChannel(db: Database, hotRows: HotParts, channel: number, window: Window): SeriesPlot {
  const stretches: Stretch[] = [];
  const rotten: { from: number; to: number }[] = [];
  let total = 0;
  let before: { t: number; part: RunChannelRow } | null = null;
  let after: { t: number; part: RunChannelRow } | null = null;
  const seen = (t: number, part: RunChannelRow) => {
    if (t < window.from && (!before || t > before.t)) before = { t, part };
    if (t > window.to && (!after || t < after.t)) after = { t, part };
  };
  const take = (part: RunChannelRow, all: Rows) => {
    const { rows, last, next } = within(all, part.run.offsetMs, window);
    if (last !== null) seen(last, part);
    if (next !== null) seen(next, part);
    if (rows.us.length === 0) return;
    total += rows.us.length;
    stretches.push({ part, from: wall(part.run, rows.us[0]!), chunk: null, rows });
  };
  for (const part of touching(runsOfChannel(db, channel), window)) {
    const { run } = part;
    const us = [
      Math.floor((window.from - run.offsetMs) * 1000),
      Math.ceil((window.to - run.offsetMs) * 1000),
    ];
    for (const t of neighbours(db, channel, run, us[0]!, us[1]!)) seen(wall(run, t), part);
    for (const chunk of chunksOf(db, channel, run.id, us[0]!, us[1]!)) {
      const whole = wall(run, chunk.t0) >= window.from && wall(run, chunk.t1) <= window.to;
      if (!whole) {
        const rows = loadRows(db, chunk.data);
        if (rows) take(part, rows);
        else rotten.push({ from: wall(run, chunk.t0), to: wall(run, chunk.t1) });
        continue;
      }
      total += chunk.n;
      stretches.push({ part, from: wall(run, chunk.t0), chunk, rows: null });
    }
    const fresh = hotRows.of(part);
    if (fresh) take(part, ascending(fresh));
  }
  const plot = new SeriesPlot(window, total);
  for (const { from, to } of rotten) plot.unreadable(from, to);
  const first = before as { t: number; part: RunChannelRow } | null;
  if (first) plot.before(first.t, first.part.run.id);
  for (const stretch of stretches.toSorted((a, b) => a.from - b.from)) drawStretch(db, plot, stretch);
  const last = after as { t: number; part: RunChannelRow } | null;
  if (last) plot.after(last.t, last.part.run.id, last.part.periodMs);
  return plot;
}

/** The runs inside the window, the last one before it and the first one after it. */
function touching(parts: readonly RunChannelRow[], { from, to }: Window): RunChannelRow[] {
  const spans = parts.flatMap((part) => {
    const { run } = part;
    if (run.t0 === null || run.t1 === null) return [];
    return [{ part, start: wall(run, run.t0), end: wall(run, run.t1) }];
  });
  const before = spans.filter((s) => s.end < from).toSorted((a, b) => b.end - a.end);
  const after = spans.filter((s) => s.start > to).toSorted((a, b) => a.start - b.start);
  const inside = spans.filter((s) => s.end >= from && s.start <= to);
  return [...before.slice(0, 1), ...inside, ...after.slice(0, 1)].map((s) => s.part);
}

/** The coarsest form of a stretch that the pixels allow: its statistics, those of its blocks, or its readings. */
function drawStretch(db: Database, plot: SeriesPlot, { part, chunk, rows }: Stretch): void {
  const { offsetMs, id } = part.run;
  const add = (some: Statistics) => plot.add(some, offsetMs, id, part.periodMs);
  const each = (all: Rows, from: number, to: number) =>
    plot.addRows(all, from, to, offsetMs, id, part.periodMs);
  if (!chunk) return each(rows!, 0, rows!.us.length);
  if (plot.fits((chunk.t1 - chunk.t0) / 1000)) return add(chunk);
  const blocks = loadBlocks(db, chunk.data);
  if (blocks.every((b) => plot.fits((b.t1 - b.t0) / 1000))) return blocks.forEach(add);
  const all = loadRows(db, chunk.data);
  if (!all) {
    plot.unreadable(wall(part.run, chunk.t0), wall(part.run, chunk.t1));
    return;
  }
  let from = 0;
  for (const block of blocks) {
    if (plot.fits((block.t1 - block.t0) / 1000)) add(block);
    else each(all, from, from + block.n);
    from += block.n;
  }
}

/** Times (us) of the last sealed reading before t0 and the first after t1, where whole chunks lie there. */
function neighbours(db: Database, channel: number, run: RunRow, t0: number, t1: number): number[] {
  const row = db.get(
    `SELECT (SELECT max(t1) FROM chunk WHERE channel = ?1 AND run = ?2 AND t1 < ?3),
            (SELECT min(t0) FROM chunk WHERE channel = ?1 AND run = ?2 AND t0 > ?4)`,
    channel,
    run.id,
    t0,
    t1,
  ) as (number | null)[];
  return row.filter((t) => t !== null);
}

/** The rows inside the window, and the wall times of the nearest ones outside. */
function within(
  rows: Rows,
  offsetMs: number,
  { from, to }: Window,
): { rows: Rows; last: number | null; next: number | null } {
  const at = (i: number) => offsetMs + rows.us[i]! / 1000;
  const n = rows.us.length;
  const a = lowerBound(n, (i) => at(i) >= from);
  const b = lowerBound(n, (i) => at(i) > to);
  return {
    rows: {
      us: rows.us.subarray(a, b),
      value: rows.value.subarray(a, b),
      quality: rows.quality.subarray(a, b),
    },
    last: a > 0 ? at(a - 1) : null,
    next: b < n ? at(b) : null,
  };
}

/** First i of 0..n for which `from` holds; it must hold for all after the first. */
function lowerBound(n: number, from: (i: number) => boolean): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (from(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function wall(run: RunRow, us: number): number {
  return run.offsetMs + us / 1000;
}

/** Why a channel was silent, from what is known of its device. */
class Reasons {
  readonly #db: Database;
  readonly #devices = new Map<
    number,
    { order: Map<number, number>; trimmed: { from: number; to: number }[] }
  >();

  constructor(db: Database) {
    this.#db = db;
  }

  of(channel: number, silence: Silence): Gap['reason'] {
    const { order, trimmed } = this.#device(channel);
    if (trimmed.some((t) => t.from < silence.to && t.to > silence.from)) return 'journal-trimmed';
    const [before, after] = [order.get(silence.runBefore), order.get(silence.runAfter)];
    // Next to each other: the daemon was not running between. Runs between that lack the channel: not said by whom.
    return before !== undefined && after !== undefined && Math.abs(after - before) === 1
      ? 'device-off'
      : 'unknown';
  }

  #device(channel: number) {
    const [device] = this.#db.get('SELECT device FROM channel WHERE id = ?', channel) as [number];
    const known = this.#devices.get(device);
    if (known) return known;
    // A run without a reading separates nothing.
    const runs = runsOf(this.#db, device).filter((r) => r.t1 !== null);
    const byId = new Map(runs.map((r) => [r.id, r]));
    const rows = this.#db.all(
      `SELECT from_run, from_us, to_run, to_us FROM gap
       WHERE device = ? AND reason = 'journal-trimmed' AND from_run IS NOT NULL AND to_run IS NOT NULL`,
      device,
    ) as [number, number, number, number][];
    const trimmed = rows.flatMap(([fromRun, fromUs, toRun, toUs]) => {
      const [a, b] = [byId.get(fromRun), byId.get(toRun)];
      return a && b ? [{ from: wall(a, fromUs), to: wall(b, toUs) }] : [];
    });
    const found = { order: new Map(runs.map((r, i) => [r.id, i])), trimmed };
    this.#devices.set(device, found);
    return found;
  }
}
