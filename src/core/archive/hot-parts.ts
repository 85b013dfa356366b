/** Hot batches sorted out by channel. */
import type { Rows } from './chunk-codec.ts';
import type { Database } from './database.ts';
import type { HotBatch, HotTable } from './hot-table.ts';
import { indexLookup } from './index-lookup.ts';
import { channelsOfRun, type RunChannelRow } from './registry.ts';

/** One channel's rows of some hot batches, in the order they came; the first `n` are filled. */
export interface Part {
  channel: RunChannelRow;
  rows: Rows;
  n: number;
}

/** Sorts the rows of batches by channel, leaving out what a channel has sealed already. */
export function byChannel(batches: readonly HotBatch[], channels: Map<number, RunChannelRow>): Part[] {
  const list = [...channels.values()];
  const slot = indexLookup(list.map((c, i) => [c.index, i] as const));
  const counts = new Uint32Array(list.length);
  const sealed = Float64Array.from(list, (c) => c.sealed);
  for (const { batch, rows } of batches)
    for (let i = 0; i < rows.index.length; i++) {
      const at = slot(rows.index[i]!);
      if (at >= 0 && batch > sealed[at]!) counts[at]!++;
    }
  const parts = list.map((channel, i): Part => {
    const n = counts[i]!;
    const rows = { us: new Float64Array(n), value: new Float64Array(n), quality: new Uint8Array(n) };
    return { channel, rows, n: 0 };
  });
  for (const { batch, rows } of batches)
    for (let i = 0; i < rows.index.length; i++) {
      const at = slot(rows.index[i]!);
      if (at < 0 || batch <= sealed[at]!) continue;
      const part = parts[at]!;
      part.rows.us[part.n] = rows.us[i]!;
      part.rows.value[part.n] = rows.value[i]!;
      part.rows.quality[part.n++] = rows.quality[i]!;
    }
  return parts.filter((part) => part.n > 0);
}

/** Hot readings by channel, each run's batches sorted out once for a whole question. */
export class HotParts {
  readonly #db: Database;
  readonly #hot: HotTable;
  readonly #runs = new Map<number, Map<number, Rows>>();

  constructor(db: Database, hot: HotTable) {
    this.#db = db;
    this.#hot = hot;
  }

  /** The hot rows of a channel's run, as they came; null when there are none. */
  of(part: RunChannelRow): Rows | null {
    let parts = this.#runs.get(part.run.id);
    if (!parts) {
      const batches = this.#hot.load(this.#db, part.run.id, 0);
      const channels = batches.length > 0 ? channelsOfRun(this.#db, part.run) : new Map();
      parts = new Map(byChannel(batches, channels).map((p) => [p.channel.channel, p.rows]));
      this.#runs.set(part.run.id, parts);
    }
    return parts.get(part.channel) ?? null;
  }
}
