import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveFeed, type LiveColumns } from '../../../src/core/live/live-feed.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function rows(from: number, n: number): LiveColumns {
  const index = Array.from({ length: n }, (_, i) => from + i);
  return {
    channel: Uint32Array.from(index, (i) => i % 7),
    t: Float64Array.from(index, (i) => i * 10),
    value: Float64Array.from(index),
    quality: new Uint8Array(n),
  };
}

describe('LiveFeed', () => {
  it('gives every reader each row once and in order, or says that it lost some', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 }), async (sizes) => {
        const feed = new LiveFeed(new FakeClock(), 16);
        let written = 0;
        let after = (await feed.pull(null, 0)).serial;
        let seen = 0;
        for (const [i, size] of sizes.entries()) {
          feed.push(rows(written, size));
          written += size;
          if (i % 3 !== 0) continue;
          const got = await feed.pull(after, 0);
          const lost = got.serial - after - got.value.length;
          expect(got.reset).toBe(lost > 0);
          seen += lost;
          for (const value of got.value) expect(value).toBe(seen++);
          after = got.serial;
        }
      }),
    );
  });

  it('after a reset sends every reader to the archive, also one that had all rows, and goes on', async () => {
    const feed = new LiveFeed(new FakeClock(), 16);
    feed.push(rows(0, 5));
    const waiting = feed.pull(5, 10_000);
    feed.reset();
    expect(await waiting).toMatchObject({ reset: true, serial: 6 });
    expect((await waiting).value).toHaveLength(0);
    expect((await feed.pull(2, 0)).reset).toBe(true);
    feed.push(rows(5, 2));
    const { reset, value } = await feed.pull(6, 0);
    expect(reset).toBe(false);
    expect([...value]).toEqual([5, 6]);
    expect([...(await feed.pull(0, 0)).value]).toEqual([5, 6]);
  });

  it('gives what is in no archive yet to whoever comes anew or fell behind, until it is committed', async () => {
    const feed = new LiveFeed(new FakeClock(), 16);
    feed.push(rows(0, 2));
    feed.ahead(rows(90, 3));
    feed.push(rows(2, 2));
    feed.ahead(rows(93, 1));
    expect([...(await feed.pull(0, 0)).value]).toEqual([0, 1, 90, 91, 92, 2, 3, 93]);
    expect(await feed.pull(null, 0)).toMatchObject({ serial: 8, reset: false });
    expect([...(await feed.pull(null, 0)).value]).toEqual([90, 91, 92, 93]);
    feed.push(rows(4, 14));
    const behind = await feed.pull(2, 0);
    expect(behind).toMatchObject({ serial: 22, reset: true });
    expect([...behind.value]).toEqual([90, 91, 92, 93]);
    feed.ahead(null);
    expect((await feed.pull(null, 0)).value).toHaveLength(0);
    feed.ahead(rows(99, 1));
    feed.reset();
    expect((await feed.pull(null, 0)).value).toHaveLength(0);
  });

  it('keeps no more of what is ahead than of anything else', async () => {
    const feed = new LiveFeed(new FakeClock(), 16);
    for (let i = 0; i < 10; i++) feed.ahead(rows(i * 10, 10));
    expect([...(await feed.pull(null, 0)).value]).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
  });

  it('wakes a waiting reader as soon as there is a row', async () => {
    const clock = new FakeClock();
    const feed = new LiveFeed(clock);
    const { serial } = await feed.pull(null, 0);
    const waiting = feed.pull(serial, 5000);
    await clock.advance(100);
    feed.push(rows(0, 2));
    await expect(waiting).resolves.toMatchObject({ serial: 2, reset: false });
    expect(clock.pending).toBe(0);
  });

  it('answers with nothing when the wait is over', async () => {
    const clock = new FakeClock();
    const waiting = new LiveFeed(clock).pull(0, 5000);
    await clock.advance(5000);
    expect((await waiting).value).toHaveLength(0);
  });

  it('resets a reader whose serial number is of an earlier life', async () => {
    await expect(new LiveFeed(new FakeClock()).pull(99, 5000)).resolves.toMatchObject({
      serial: 0,
      reset: true,
    });
  });
});
