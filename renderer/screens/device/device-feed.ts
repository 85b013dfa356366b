/**
 * Fetches what the device page draws. Opens the live tail first and asks for history then, so that nothing falls
 * between. Owns: one pull and at most one query under way, asking again when the tail can no longer continue the
 * history. Refuses: drawing. The page starts it while it can be seen and stops it when it cannot.
 */
import type { Channel, Gap, Span } from '../../../src/shared/engine-contract.ts';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import type { Clock } from '../../../src/shared/time.ts';
import type { TimeWindow } from '../../chart/chart-frames.ts';
import type { EngineClient } from '../../engine.ts';
import { DeviceSeries } from '../../series/device-series.ts';

/** The calls the feed makes. */
export type FeedCalls = Pick<EngineClient['call'], 'series.pull' | 'series.query'>;

const PULL_WAIT_MS = 10_000;
/** Live values come at most ten times a second. */
const PULL_REST_MS = 100;
const RETRY_MS = 1000;
const QUERY_REST_MS = 1000;
/** The stretch that is looked at closely whatever time is shown. */
export const RECENT_MS = 120_000;
const RECENT_PIXELS = 240;
/** What one query may name. */
const QUERY_CHANNELS = 200;

export class DeviceFeed {
  readonly series = new DeviceSeries();
  /** Why the newest query failed, null while queries work. */
  error: WireError | null = null;
  /** True until the first answer for the time now shown. */
  loading = true;
  readonly #device: string;
  readonly #call: FeedCalls;
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  #channels: readonly Channel[] = [];
  #gaps = new Map<number, Gap[]>();
  #spans: readonly Span[] = [];
  #version = 0;
  /** Number of the start that runs now; 0 while stopped. */
  #life = 0;
  #starts = 0;
  #wanted: { window: () => TimeWindow; pixels: number } | null = null;
  #asking = false;
  #due: (() => void) | null = null;
  #again = false;

  constructor(device: string, call: FeedCalls, clock: Clock) {
    this.#device = device;
    this.#call = call;
    this.#clock = clock;
  }

  /** Changes with gaps, errors and `loading`; each series has a version of its own. */
  get version(): number {
    return this.#version;
  }

  /** Gaps of a channel that the archive explained. */
  gaps(channel: number): readonly Gap[] {
    return this.#gaps.get(channel) ?? [];
  }

  /** How far the times of the stretch last asked for can be believed. */
  get spans(): readonly Span[] {
    return this.#spans;
  }

  /** Calls `fn` after readings, history or an error came; the result stops it. */
  readonly subscribe = (fn: () => void): (() => void) => {
    this.#listeners.add(fn);
    return () => void this.#listeners.delete(fn);
  };

  /** The device's channels; new ones get their history. */
  setChannels(channels: readonly Channel[]): void {
    const known = new Set(this.#channels.map((channel) => `${channel.id} ${channel.periodMs}`));
    this.#channels = channels;
    for (const { id, periodMs, last } of channels) {
      const series = this.series.declare(id, periodMs);
      if (last) series.note(last.at, last.value, last.quality);
    }
    if (channels.some((channel) => !known.has(`${channel.id} ${channel.periodMs}`))) this.refresh();
  }

  /** Says which time is shown, on how many canvas pixels, and fetches its history. */
  show(window: () => TimeWindow, pixels: number): void {
    this.#wanted = { window, pixels: Math.min(10_000, Math.max(1, Math.round(pixels))) };
    this.loading = true;
    this.refresh();
  }

  /** Begins to pull; the first answer opens the tail, and history is asked for behind it. */
  start(): void {
    this.#life = ++this.#starts;
    this.series.resetTails();
    void this.#pull(this.#life);
  }

  stop(): void {
    this.#life = 0;
    this.#due?.();
    this.#due = null;
  }

  /** Readings lie at other times now: what was drawn is wrong, and the newest ones do not continue it. */
  corrected(): void {
    this.series.resetTails();
    this.refresh();
    if (this.#life !== 0) void this.#askRecent(this.#life);
  }

  /** Asks for history, now or as soon as the query under way has ended. */
  refresh(): void {
    if (this.#life === 0 || !this.#wanted || this.#channels.length === 0) return;
    this.#again = true;
    if (!this.#asking) void this.#ask(this.#life);
  }

  #changed(): void {
    this.#version++;
    for (const tell of this.#listeners) tell();
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve));
  }

  async #pull(life: number): Promise<void> {
    let after: number | null = null;
    while (life === this.#life) {
      try {
        const answer = await this.#call['series.pull']({ device: this.#device, after, waitMs: PULL_WAIT_MS });
        if (life !== this.#life) return;
        if (answer.reset) this.series.resetTails();
        const unknown = this.series.append(answer);
        if (after === null || answer.reset) {
          this.refresh();
          void this.#askRecent(life);
        }
        after = answer.serial;
        if (answer.t.length > 0) for (const tell of this.#listeners) tell();
        if (this.series.needsHistory && unknown.size === 0) this.#refreshSoon();
        await this.#rest(PULL_REST_MS);
      } catch {
        // the engine is gone or does not know the device now: what came meanwhile is in the archive
        if (life !== this.#life) return;
        if (after !== null) this.series.resetTails();
        after = null;
        this.refresh();
        await this.#rest(RETRY_MS);
      }
    }
  }

  #query(from: number, to: number, pixels: number) {
    const ids = this.#channels.map((channel) => channel.id);
    return Promise.all(
      chunks(ids, QUERY_CHANNELS).map((channels) =>
        this.#call['series.query']({ channels, from, to, pixels }),
      ),
    );
  }

  async #askRecent(life: number): Promise<void> {
    const to = this.#clock.wall();
    try {
      const parts = await this.#query(to - RECENT_MS, to, RECENT_PIXELS);
      if (life !== this.#life) return;
      for (const { series } of parts) this.series.setRecent(series, RECENT_MS / RECENT_PIXELS);
      this.#changed();
    } catch {
      // the query for the charts says what is wrong
    }
  }

  #refreshSoon(): void {
    if (this.#due || this.#asking) return;
    this.#due = this.#clock.after(QUERY_REST_MS, () => {
      this.#due = null;
      this.refresh();
    });
  }

  async #ask(life: number): Promise<void> {
    this.#asking = true;
    while (this.#again && this.#wanted && life === this.#life) {
      this.#again = false;
      const { pixels } = this.#wanted;
      const { from, to } = this.#wanted.window();
      const taken = this.series.taken();
      try {
        const parts = await this.#query(from, to, pixels);
        if (life !== this.#life) break;
        this.error = null;
        for (const { series } of parts) this.series.setHistory(series, (to - from) / pixels, taken);
        this.#gaps = Map.groupBy(
          parts.flatMap(({ gaps }) => gaps),
          (gap) => gap.channel,
        );
        // every part of the question is about the same device
        this.#spans = parts[0]?.spans ?? [];
      } catch (error) {
        if (life !== this.#life) break;
        this.error = errorToWire(error);
      }
      if (!this.#again) this.loading = false;
      this.#changed();
    }
    this.#asking = false;
    // stopped and started again meanwhile
    if (this.#again && life !== this.#life) this.refresh();
  }
}

function chunks(ids: readonly number[], size: number): number[][] {
  const out: number[][] = [];
  for (let i = 0; i < ids.length; i += size) out.push(ids.slice(i, i + size));
  return out;
}
