/**
 * What is known of the runs that readings belong to: names of channels, and wall time. Asks again when something is new
 * or a clock was put right, and forgets runs that have been gone through.
 */
import type { ChannelInfo, ClockSource, Cursor, RunInfo } from '../../src/shared/reading.ts';

/** One run, as far as its readings need it. */
export interface KnownRun {
  offsetMs: number;
  clock: ClockSource;
  lastBatch: number;
  /** By index. */
  channels: Map<number, ChannelInfo>;
}

export class RunBook {
  readonly #ask: (from: number) => Promise<RunInfo[]>;
  #runs = new Map<number, KnownRun>();
  #clockChanges: number | null = null;

  /** `ask`: the runs from a number on, oldest first. */
  constructor(ask: (from: number) => Promise<RunInfo[]>) {
    this.#ask = ask;
  }

  /** Told of with every pull: how often wall time was changed so far. */
  clockChanged(changes: number): void {
    if (changes !== this.#clockChanges) this.#runs.clear();
    this.#clockChanges = changes;
  }

  /** The run `run`, knowing the channel `highest`; null when the device does not know it any more. */
  async run(run: number, highest: number): Promise<KnownRun | null> {
    const known = this.#runs.get(run);
    if (known?.channels.has(highest)) return known;
    await this.#read(run);
    return this.#runs.get(run) ?? null;
  }

  /** Batches after `from` (null: from the oldest) up to `to`, that one included. */
  async between(from: Cursor | null, to: Cursor): Promise<number> {
    return batchesBetween(await this.#ask(from?.run ?? 1), from, to);
  }

  async #read(from: number): Promise<void> {
    const rows = await this.#ask(from);
    this.#runs = new Map(
      rows.map(({ run, offsetMs, clock, lastBatch, channels }) => [
        run,
        { offsetMs, clock, lastBatch, channels: new Map(channels.map((row) => [row.index, row])) },
      ]),
    );
  }
}

/** Batches after `from` (null: from the oldest kept) up to `to`, by what is known of the runs between. */
export function batchesBetween(
  runs: readonly Pick<RunInfo, 'run' | 'firstBatch' | 'lastBatch'>[],
  from: Cursor | null,
  to: Cursor,
): number {
  let count = 0;
  for (const { run, firstBatch, lastBatch } of runs) {
    if (run > to.run || (from && run < from.run)) continue;
    const last = run === to.run ? to.batch : lastBatch;
    const before = run === from?.run ? from.batch : from ? 0 : Math.max(0, firstBatch - 1);
    count += Math.max(0, last - before);
  }
  return count;
}
