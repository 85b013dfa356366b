import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceFeed, type FeedCalls } from '../../../renderer/screens/device/device-feed.ts';
import { SeriesView } from '../../../renderer/series/series-view.ts';
import type { Channel } from '../../../src/shared/engine-contract.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { LiveFeed } from '../../../src/core/live/live-feed.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { rowsOf } from '../series/columns-of.ts';

const CHANNEL: Channel = {
  id: 7,
  device: 'd',
  sensor: 'air',
  sensorName: 'Air',
  driver: 'sim',
  channel: 'temperature',
  quantity: 'temperature',
  unit: 'Cel',
  decimals: 1,
  periodMs: 100,
  last: null,
};
const bytes = (column: Uint32Array | Float64Array) => new Uint8Array(column.buffer);

/** An engine with one channel: readings go into its archive first and to those who pull then, as in the real one. */
class OneChannel {
  readonly clock = new FakeClock();
  readonly live = new LiveFeed(this.clock, 64);
  readonly archive: [t: number, value: number][] = [];
  readonly asked: string[] = [];
  down: MusterError | null = null;
  /** How long a query and an answer are on their way. */
  latencyMs = 5;

  readonly call: FeedCalls = {
    'series.pull': async ({ after, waitMs }) => {
      this.asked.push(`pull ${after}`);
      await this.#travel();
      const { serial, reset, channel, t, value, quality } = await this.live.pull(after, waitMs);
      await this.#travel();
      return { serial, reset, channel: bytes(channel), t: bytes(t), value: bytes(value), quality };
    },
    'series.query': async ({ from, to, pixels }) => {
      if (pixels === 1000) this.asked.push('query');
      await this.#travel();
      if (this.down) throw this.down;
      const rows = this.archive.filter(([t]) => t >= from && t <= to);
      await this.#travel();
      const values = bytes(Float64Array.from(rows, ([, value]) => value));
      return {
        series: [
          {
            channel: CHANNEL.id,
            t: bytes(Float64Array.from(rows, ([t]) => t)),
            lo: values,
            hi: values,
            q: new Uint8Array(rows.length),
            count: rows.length,
          },
        ],
        gaps: [],
      };
    },
  };

  record(t: number): void {
    this.archive.push([t, t]);
    this.live.push({
      channel: Uint32Array.of(CHANNEL.id),
      t: Float64Array.of(t),
      value: Float64Array.of(t),
      quality: new Uint8Array(1),
    });
  }

  async #travel(): Promise<void> {
    await new Promise<void>((resolve) => void this.clock.after(this.latencyMs, resolve));
    if (this.down) throw this.down;
  }
}

function open(engine: OneChannel): DeviceFeed {
  const feed = new DeviceFeed('d', engine.call, engine.clock);
  feed.setChannels([CHANNEL]);
  feed.show(() => ({ from: 0, to: engine.clock.wall() + 1e6 }), 1000);
  feed.start();
  return feed;
}

function times(feed: DeviceFeed): number[] {
  const view = new SeriesView();
  feed.series.get(CHANNEL.id)?.view(0, 1e15, 1e6, view);
  return rowsOf(view).flatMap((row) => (Number.isNaN(row[1]) ? [] : [row[0]]));
}

describe('DeviceFeed', () => {
  it('opens the tail before it asks for history', async () => {
    const engine = new OneChannel();
    const feed = open(engine);
    await engine.clock.advance(50);
    feed.stop();
    expect(engine.asked[0]).toBe('pull null');
    expect(engine.asked[1]).toBe('query');
  });

  it('draws readings where they lie now when their times were put right', async () => {
    const engine = new OneChannel();
    const feed = open(engine);
    await engine.clock.advance(50);
    const start = engine.clock.wall();
    for (let i = 0; i < 5; i++) {
      engine.record(start + i * 100);
      await engine.clock.advance(100);
    }
    await engine.clock.advance(1000);
    expect(times(feed)).toHaveLength(5);
    for (const row of engine.archive) row[0] -= 3_600_000;
    feed.corrected();
    await engine.clock.advance(2000);
    expect(times(feed)).toEqual(engine.archive.map(([t]) => t));
    feed.stop();
  });

  it('holds every reading once, whenever it came, and across cuts of the connection', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 19 })), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.integer({ min: 0, max: 200 }),
        async (steps, latencyMs) => {
          const engine = new OneChannel();
          engine.latencyMs = latencyMs;
          const begin = engine.clock.wall();
          for (let i = 0; i < 20; i++) engine.record(begin - 2000 + i * 100);
          const feed = open(engine);
          for (const [step, what] of steps) {
            await engine.clock.advance(step);
            if (what === 0) engine.down = new MusterError('CLOSED', 'cut');
            if (what === 1) engine.down = null;
            engine.record(engine.clock.wall());
          }
          engine.down = null;
          await engine.clock.advance(20_000);
          feed.stop();
          expect(times(feed)).toEqual(engine.archive.map(([t]) => t));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('asks anew when the engine says that it fell behind', async () => {
    const engine = new OneChannel();
    const feed = open(engine);
    await engine.clock.advance(300);
    const begin = engine.clock.wall();
    for (let i = 1; i <= 200; i++) engine.record(begin + i);
    await engine.clock.advance(5000);
    feed.stop();
    expect(times(feed)).toEqual(engine.archive.map(([t]) => t));
    expect(engine.asked.filter((call) => call === 'query').length).toBeGreaterThan(1);
  });

  it('tells why history cannot be had, and forgets it when it can', async () => {
    const engine = new OneChannel();
    engine.down = new MusterError('ARCHIVE_FAILED', 'disk');
    const feed = open(engine);
    await engine.clock.advance(500);
    expect(feed.error?.code).toBe('ARCHIVE_FAILED');
    engine.down = null;
    await engine.clock.advance(3000);
    feed.stop();
    expect(feed.error).toBeNull();
  });

  it('pulls no more once it is stopped, at most ten times a second before', async () => {
    const engine = new OneChannel();
    engine.latencyMs = 0;
    const feed = open(engine);
    for (let i = 0; i < 200; i++) {
      engine.record(engine.clock.wall());
      await engine.clock.advance(10);
    }
    const pulls = engine.asked.filter((call) => call.startsWith('pull')).length;
    expect(pulls).toBeLessThanOrEqual(22);
    feed.stop();
    await engine.clock.advance(20_000);
    await settle();
    expect(engine.asked.filter((call) => call.startsWith('pull')).length).toBeLessThanOrEqual(pulls);
    expect(engine.clock.pending).toBe(0);
  });
});
