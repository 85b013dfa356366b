/** The channels of one device as series: takes the engine's answers apart, column by column. */
import { ChannelSeries, type History } from './channel-series.ts';
import { float64Column, uint32Column } from './columns.ts';

/** Readings as they came: one row a reading. Shape of the answer of `series.pull`. */
export interface PulledColumns {
  channel: Uint8Array;
  t: Uint8Array;
  value: Uint8Array;
  quality: Uint8Array;
}

/** One channel's part of the answer of `series.query`. */
export interface QueriedColumns {
  channel: number;
  t: Uint8Array;
  lo: Uint8Array;
  hi: Uint8Array;
  q: Uint8Array;
  /** Readings behind the rows. */
  count: number;
}

export class DeviceSeries {
  readonly #channels = new Map<number, ChannelSeries>();

  /** The series of a channel, undefined while the channel is not known. */
  get(channel: number): ChannelSeries | undefined {
    return this.#channels.get(channel);
  }

  /** Makes a channel known and returns its series. One whose period changed starts anew. */
  declare(channel: number, periodMs: number): ChannelSeries {
    const known = this.#channels.get(channel);
    if (known?.periodMs === periodMs) return known;
    const series = new ChannelSeries(periodMs);
    this.#channels.set(channel, series);
    return series;
  }

  /** Time of the newest value of all channels, null before the first. */
  get newest(): number | null {
    let newest: number | null = null;
    for (const { last } of this.#channels.values())
      if (last.at !== null && (newest === null || last.at > newest)) newest = last.at;
    return newest;
  }

  /** Takes live readings. Answers the channels among them that are not known yet. */
  append(columns: PulledColumns): Set<number> {
    const channel = uint32Column(columns.channel);
    const t = float64Column(columns.t);
    const value = float64Column(columns.value);
    const unknown = new Set<number>();
    for (let row = 0; row < channel.length; row++) {
      const id = channel[row] as number;
      const series = this.#channels.get(id);
      if (series) series.append(t[row] as number, value[row] as number, columns.quality[row] as number);
      else unknown.add(id);
    }
    return unknown;
  }

  /** How much each tail has taken: to be noted before history is asked for. */
  taken(): Map<number, number> {
    return new Map(Array.from(this.#channels, ([id, series]) => [id, series.taken]));
  }

  /** Takes history that was asked for at `pixelMs` ms a pixel, when the tails stood at `taken`. */
  setHistory(answer: readonly QueriedColumns[], pixelMs: number, taken: ReadonlyMap<number, number>): void {
    for (const part of answer)
      this.#channels.get(part.channel)?.setHistory(historyOf(part, pixelMs), taken.get(part.channel) ?? 0);
  }

  /** Takes the history behind the newest stretch. */
  setRecent(answer: readonly QueriedColumns[], pixelMs: number): void {
    for (const part of answer) this.#channels.get(part.channel)?.setRecent(historyOf(part, pixelMs));
  }

  /** Drops all tails: the engine said that readings were left out. */
  resetTails(): void {
    for (const series of this.#channels.values()) series.resetTail();
  }

  /** True when a channel's tail can no longer continue its history. */
  get needsHistory(): boolean {
    for (const series of this.#channels.values()) if (series.needsHistory) return true;
    return false;
  }
}

function historyOf(part: QueriedColumns, pixelMs: number): History {
  const t = float64Column(part.t);
  const columns = {
    t,
    lo: float64Column(part.lo),
    hi: float64Column(part.hi),
    q: Uint8Array.from(part.q),
    start: 0,
    end: t.length,
  };
  return { columns, bucketMs: part.count > t.length ? pixelMs : 0 };
}
