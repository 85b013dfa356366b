/** The way out of the journal on a test's clock: order, place, outages, kills, what the bound dropped. */
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MusterError } from '../../../src/shared/errors.ts';
import { PublishBench, Receiver } from '../../support/publish-bench.ts';

let bench: PublishBench;
let receiver: Receiver;

beforeEach(async () => {
  bench = new PublishBench();
  receiver = new Receiver(bench.clock);
  await bench.begin();
});
afterEach(() => bench.remove());

/** Lets everything happen that needs no time. */
const settle = () => bench.clock.advance(1);

describe('where it begins', () => {
  it('sends what is recorded from its first start on', async () => {
    await bench.record([1, 2]);
    bench.start(receiver);
    await settle();
    await bench.record([3]);
    await settle();
    expect(receiver.values).toEqual([3]);
  });

  it('sends all the journal has when it is told to', async () => {
    await bench.record([1, 2]);
    bench.start(receiver, { from: 'beginning' });
    await settle();
    expect(receiver.values).toEqual([1, 2]);
  });

  it('misses nothing that is recorded into an empty journal', async () => {
    bench.start(receiver);
    await settle();
    await bench.kill(receiver);
    await bench.record([1]);
    const second = new Receiver(bench.clock);
    bench.start(second);
    await settle();
    expect(second.values).toEqual([1]);
  });

  it('begins anew, in words, when its file cannot be read', async () => {
    await bench.record([1]);
    bench.start(receiver);
    await settle();
    await bench.kill(receiver);
    writeFileSync(bench.path, '{"after":');
    const second = new Receiver(bench.clock);
    bench.start(second);
    await settle();
    await bench.record([2]);
    await settle();
    expect(second.values).toEqual([2]);
  });

  it('sends what a journal holds that was made anew', async () => {
    bench.start(receiver);
    await settle();
    await bench.record([1]);
    await settle();
    await bench.kill(receiver);
    const other = new PublishBench();
    await other.begin();
    await other.record([7]);
    bench.journal.read = (...args) => other.journal.read(...args);
    bench.journal.runs = (...args) => other.journal.runs(...args);
    // its numbers are behind those that were sent
    const ahead = bench.position();
    writeFileSync(bench.path, JSON.stringify({ ...ahead, after: { run: 9, batch: 1 } }));
    const second = new Receiver(bench.clock);
    bench.start(second);
    // seen when the wait for something after that place is over
    await bench.clock.advance(31_000);
    expect(second.values).toEqual([7]);
    await other.remove();
  });
});

describe('what it sends', () => {
  it('is what is wanted, with channel and wall time', async () => {
    bench.start(receiver, { sensor: 'air' });
    await settle();
    await bench.record([20.5]);
    await bench.record([1000], 'press');
    await settle();
    expect(receiver.readings).toMatchObject([
      { channel: { sensor: 'air', channel: 'temperature' }, value: 20.5, quality: 'ok', clock: 'ntp' },
    ]);
    expect(receiver.readings[0]?.at).toBeCloseTo(1_760_000_000_000 + 1, 0);
  });

  it('gets the times of a clock that was put right meanwhile', async () => {
    bench.start(receiver);
    await settle();
    await bench.record([1]);
    await settle();
    await bench.journal.observeClock(bench.run, { offsetMs: 1_770_000_000_000, clock: 'laptop' });
    const { pulls } = bench;
    const quiet = pulls.pullQuietly.bind(pulls);
    pulls.pullQuietly = async (...args) => ({ ...(await quiet(...args)), clockChanges: 1 });
    await bench.record([2]);
    await settle();
    await bench.record([3]);
    await settle();
    expect(receiver.readings.at(-1)?.at).toBeGreaterThan(1_769_999_999_999);
  });

  it('counts as nobody who watches', async () => {
    bench.start(receiver);
    await settle();
    await bench.record([1]);
    await settle();
    expect(bench.pulls.watched).toBe(false);
  });

  it('goes together when there is time between deliveries', async () => {
    bench.start(receiver, { everyMs: 10_000 });
    await settle();
    for (let second = 0; second < 30; second++) {
      await bench.record([second]);
      await bench.clock.advance(1000);
    }
    await bench.clock.advance(20_000);
    expect(receiver.taken.map(({ values }) => values.length)).toEqual([1, 9, 10, 10]);
    expect(receiver.values).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });
});

describe('a kill', () => {
  it('after the receiver took a batch and before that was written down doubles that batch, under its name', async () => {
    bench.start(receiver);
    await settle();
    await bench.record([1]);
    await settle();
    receiver.onTaken = () => void bench.kill(receiver);
    await bench.record([2]);
    await settle();
    await bench.record([3]);
    const second = new Receiver(bench.clock);
    bench.start(second);
    await settle();
    expect(receiver.values).toEqual([1, 2]);
    expect(second.values).toEqual([2, 3]);
    expect(second.taken[0]?.name).toBe(receiver.taken.at(-1)?.name);
  });

  it('in the middle of many batches sends the same ones again, under the same name, though more are there', async () => {
    receiver.isThere = false;
    bench.start(receiver);
    await settle();
    for (const value of [1, 2, 3, 4]) await bench.record([value]);
    receiver.isThere = true;
    receiver.onTaken = () => {
      // the first is one batch; the second all others
      if (receiver.taken.length === 2) void bench.kill(receiver);
    };
    await bench.clock.advance(2000);
    await bench.record([5]);
    const second = new Receiver(bench.clock);
    bench.start(second);
    await settle();
    expect(receiver.taken.map(({ values }) => values)).toEqual([[1], [2, 3, 4]]);
    expect(second.taken.map(({ values }) => values)).toEqual([[2, 3, 4], [5]]);
    expect(second.taken[0]?.name).toBe(receiver.taken[1]?.name);
  });
});

describe('an account', () => {
  it('tells what was taken today, and begins again with the day', async () => {
    bench.start(receiver);
    await settle();
    await bench.record([1, 2, 3]);
    await settle();
    expect(bench.accounts.at(-1)).toMatchObject({ today: 3, lostBatches: 0, sent: { run: 1, batch: 1 } });
    await bench.clock.advance(86_400_000);
    await bench.record([4]);
    await settle();
    expect(bench.accounts.at(-1)?.today).toBe(1);
  });

  it('tells that the journal is away, and goes on when it is back', async () => {
    bench.start(receiver);
    await settle();
    const read = bench.journal.read.bind(bench.journal);
    bench.journal.read = () => Promise.reject(new MusterError('JOURNAL_FAILED', 'it is not open'));
    await bench.record([1]);
    await settle();
    expect(bench.problems.at(-1)).toBe('it is not open');
    bench.journal.read = read;
    await bench.clock.advance(3000);
    expect(receiver.values).toEqual([1]);
    expect(bench.problems.at(-1)).toBeNull();
  });
});
