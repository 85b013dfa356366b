/**
 * Where readings arrive: growing columns and the numbers of channels. No object is made for a reading.
 * Outlives the batcher and the journal's thread: a restart of those loses no reading.
 */
import { encodeBatch, MAX_BATCH_ROWS } from '../../src/shared/batch.ts';
import type { ChannelInfo } from '../../src/shared/reading.ts';

/** Longest span of one batch, ms: a deltaUs column holds 2^32 µs (71 minutes). */
const MAX_SPAN_MS = 3_600_000;
const FIRST_ROWS = 1024;

/** Columns being filled. */
export class Intake {
  #rows = 0;
  #baseMs = 0;
  #value = new Float64Array(FIRST_ROWS);
  #deltaUs = new Uint32Array(FIRST_ROWS);
  #channel = new Uint32Array(FIRST_ROWS);
  #quality = new Uint8Array(FIRST_ROWS);
  #recorded = 0;
  readonly #channels = new Map<string, ChannelInfo>();
  #unwritten: ChannelInfo[] = [];
  readonly #onFull: () => void;

  /** `onFull` is called when the columns have to be taken before another reading fits; it must call `take`. */
  constructor(onFull: () => void) {
    this.#onFull = onFull;
  }

  /** Rows waiting. */
  get rows(): number {
    return this.#rows;
  }

  /** Readings taken since the start. */
  get recorded(): number {
    return this.#recorded;
  }

  /** Takes a reading: channel index of the run, monotonic ms, value (NaN when missing), quality byte. */
  record(channel: number, atMs: number, value: number, quality: number): void {
    if (this.#rows === MAX_BATCH_ROWS || (this.#rows > 0 && atMs - this.#baseMs > MAX_SPAN_MS))
      this.#onFull();
    if (this.#rows === this.#value.length) this.#grow();
    const row = this.#rows++;
    if (row === 0) this.#baseMs = atMs;
    this.#value[row] = value;
    // readings of different sensors may come in a little out of order; none is before the first
    this.#deltaUs[row] = Math.max(0, Math.round((atMs - this.#baseMs) * 1000));
    this.#channel[row] = channel;
    this.#quality[row] = quality;
    this.#recorded++;
  }

  /** Number of a channel in this run: the same for the same sensor and channel, a new one else. */
  register(info: Omit<ChannelInfo, 'index'>): number {
    const key = `${info.sensor}\n${info.channel}`;
    const known = this.#channels.get(key);
    if (known) return known.index;
    const added = { index: this.#channels.size, ...info };
    this.#channels.set(key, added);
    this.#unwritten.push(added);
    return added.index;
  }

  /** The waiting rows as one encoded batch, null when there are none. Begins new columns. */
  take(): Uint8Array | null {
    const n = this.#rows;
    if (n === 0) return null;
    this.#rows = 0;
    return encodeBatch({
      baseMs: this.#baseMs,
      value: this.#value.subarray(0, n),
      deltaUs: this.#deltaUs.subarray(0, n),
      channel: this.#channel.subarray(0, n),
      quality: this.#quality.subarray(0, n),
    });
  }

  /** Channels that no journal holds yet; to be written with, or before, the next batch. */
  takeChannels(): ChannelInfo[] {
    const channels = this.#unwritten;
    this.#unwritten = [];
    return channels;
  }

  /** All channels are to be written again: the journal that held them is lost. */
  rewriteChannels(): void {
    this.#unwritten = [...this.#channels.values()];
  }

  #grow(): void {
    const size = this.#value.length * 2;
    const grown = <A extends Float64Array | Uint32Array | Uint8Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    this.#value = grown(this.#value, new Float64Array(size));
    this.#deltaUs = grown(this.#deltaUs, new Uint32Array(size));
    this.#channel = grown(this.#channel, new Uint32Array(size));
    this.#quality = grown(this.#quality, new Uint8Array(size));
  }
}
