/**
 * The newest readings of one device, for charts that follow along. Readers pull with the serial number of the last
 * row they have; one that falls behind the kept span is told to query the archive anew. A slow reader slows only itself.
 */
import type { Clock } from '../../shared/time.ts';

/** Rows kept for readers; at 100 readings a second about five minutes. */
const KEPT_ROWS = 32_768;

/** Readings as columns: archive channel id, epoch ms, value, quality byte; one row a reading. */
export interface LiveColumns {
  channel: Uint32Array;
  t: Float64Array;
  value: Float64Array;
  quality: Uint8Array;
}

/** One answer: rows after the asked serial number, and the serial number to ask with next. */
export interface LivePull extends LiveColumns {
  serial: number;
  /** True when rows between were dropped: query the archive for what is missing. */
  reset: boolean;
}

/** A ring of rows; serial numbers count rows since the start. */
export class LiveFeed {
  /** Rows that are in no archive yet: whoever comes anew cannot query them. Oldest first. */
  #ahead: LiveColumns[] = [];
  #clock: Clock;
  #size: number;
  #channel: Uint32Array;
  #t: Float64Array;
  #value: Float64Array;
  #quality: Uint8Array;
  #head = 0;
  /** Nothing before this is handed out any more. */
  #floor = 0;
  #waiting = new Set<() => void>();

  constructor(clock: Clock, size = KEPT_ROWS) {
    this.#clock = clock;
    this.#size = size;
    this.#channel = new Uint32Array(size);
    this.#t = new Float64Array(size);
    this.#value = new Float64Array(size);
    this.#quality = new Uint8Array(size);
  }

  /** Adds rows and wakes the readers. */
  push(rows: LiveColumns): void {
    const skip = Math.max(0, rows.t.length - this.#size);
    this.#head += skip;
    for (let i = skip; i < rows.t.length; i++) {
      const at = this.#head++ % this.#size;
      this.#channel[at] = rows.channel[i] ?? 0;
      this.#t[at] = rows.t[i] ?? Number.NaN;
      this.#value[at] = rows.value[i] ?? Number.NaN;
      this.#quality[at] = rows.quality[i] ?? 0;
    }
    if (rows.t.length > 0) this.#wake();
  }

  /** Adds rows that are not committed yet; null: all that were told so are committed now. */
  ahead(rows: LiveColumns | null): void {
    if (!rows) {
      this.#ahead = [];
      return;
    }
    this.#ahead.push(rows);
    while (this.#ahead.length > 1 && rowsOf(this.#ahead) > this.#size) this.#ahead.shift();
    this.push(rows);
  }

  /**
   * Rows after serial number `after` (null: only what comes from now on, and what is not committed yet), waiting up
   * to `waitMs` for the first.
   */
  async pull(after: number | null, waitMs: number): Promise<LivePull> {
    if (after === null) return { ...joined(this.#ahead), serial: this.#head, reset: false };
    // a serial number of an earlier life of the engine can be ahead of ours
    if (after > this.#head) return this.#behind();
    if (after === this.#head && waitMs > 0) await this.#change(waitMs);
    const oldest = Math.max(this.#floor, this.#head - this.#size);
    return after < oldest ? this.#behind() : this.#rows(after);
  }

  /** Forgets all rows, since their times are wrong now: every reader is told to query anew. */
  reset(): void {
    // one number that no row has, so that also a reader who had them all is behind
    this.#floor = ++this.#head;
    this.#ahead = [];
    this.#wake();
  }

  /** Lets all waiting readers go, with what there is. */
  close(): void {
    this.#wake();
  }

  /** For a reader that fell behind: what is still kept, or what no archive has where there is such. */
  #behind(): LivePull {
    const told =
      this.#ahead.length > 0
        ? joined(this.#ahead)
        : this.#rows(Math.max(this.#floor, this.#head - this.#size));
    return { ...told, serial: this.#head, reset: true };
  }

  #rows(from: number): LivePull {
    const n = this.#head - from;
    const out: LivePull = {
      serial: this.#head,
      reset: false,
      channel: new Uint32Array(n),
      t: new Float64Array(n),
      value: new Float64Array(n),
      quality: new Uint8Array(n),
    };
    const start = from % this.#size;
    const first = Math.min(n, this.#size - start);
    const copy = <T extends Uint32Array | Float64Array | Uint8Array>(ring: T, to: T) => {
      to.set(ring.subarray(start, start + first));
      to.set(ring.subarray(0, n - first), first);
    };
    copy(this.#channel, out.channel);
    copy(this.#t, out.t);
    copy(this.#value, out.value);
    copy(this.#quality, out.quality);
    return out;
  }

  #change(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#waiting.delete(done);
        resolve();
      };
      const cancel = this.#clock.after(waitMs, done);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

function rowsOf(parts: readonly LiveColumns[]): number {
  return parts.reduce((sum, { t }) => sum + t.length, 0);
}

function joined(parts: readonly LiveColumns[]): LiveColumns {
  const n = rowsOf(parts);
  const out = {
    channel: new Uint32Array(n),
    t: new Float64Array(n),
    value: new Float64Array(n),
    quality: new Uint8Array(n),
  };
  let at = 0;
  for (const part of parts) {
    out.channel.set(part.channel, at);
    out.t.set(part.t, at);
    out.value.set(part.value, at);
    out.quality.set(part.quality, at);
    at += part.t.length;
  }
  return out;
}
