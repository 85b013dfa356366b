/** A receiver that is away for an hour, and one that is away for longer than the journal holds. */
import { afterEach, expect, it } from 'vitest';
import { PublishBench, Receiver } from '../support/publish-bench.ts';

let bench: PublishBench;
afterEach(() => bench.remove());

/** Batches of an hour in which nobody watches, and of a quarter of it. */
const HOUR = 720;
const QUARTER = 180;

it('loses nothing and keeps the order, over restarts of the daemon as well', async () => {
  bench = new PublishBench();
  let receiver = new Receiver(bench.clock);
  await bench.begin();
  bench.start(receiver);
  await bench.clock.advance(1);
  await bench.record([0]);
  await bench.clock.advance(1);
  expect(receiver.values).toEqual([0]);
  const sent: number[] = [...receiver.values];
  receiver.isThere = false;
  for (let batch = 1; batch <= HOUR; batch++) {
    await bench.record([batch]);
    await bench.clock.advance(5000);
    // every quarter of an hour a new life of the daemon, in a new run
    if (batch % QUARTER === 0) {
      await bench.kill(receiver);
      receiver = new Receiver(bench.clock);
      receiver.isThere = false;
      await bench.begin();
      bench.start(receiver);
    }
  }
  expect(receiver.values).toEqual([]);
  receiver.isThere = true;
  await bench.untilSent();
  sent.push(...receiver.values);
  expect(sent).toEqual(Array.from({ length: HOUR + 1 }, (_, i) => i));
  // in far fewer deliveries than there were batches, each of bounded size
  expect(receiver.taken.length).toBeLessThan(HOUR / 4);
  expect(bench.position()?.lostBatches).toBe(0);
});

it('counts what the journal dropped meanwhile, and sends the rest in order', async () => {
  bench = new PublishBench(1 << 20);
  const receiver = new Receiver(bench.clock);
  await bench.begin();
  bench.start(receiver);
  await bench.clock.advance(1);
  await bench.record([-1]);
  await bench.clock.advance(1);
  receiver.isThere = false;
  let next = 0;
  const BATCHES = 60;
  for (let batch = 0; batch < BATCHES; batch++) {
    // values that do not pack
    await bench.record(Array.from({ length: 4000 }, () => next++ + Math.random() / 2));
    await bench.clock.advance(1000);
  }
  receiver.isThere = true;
  await bench.untilSent();
  const [first = 0, ...rest] = receiver.values.slice(1 + 4000).map(Math.round);
  const lost = bench.position()?.lostBatches ?? 0;
  expect(lost).toBeGreaterThan(0);
  // the one that was on its way, then the gap, then all the rest
  expect(first).toBe((1 + lost) * 4000);
  expect(rest).toEqual(Array.from({ length: next - first - 1 }, (_, i) => first + 1 + i));
  expect(bench.accounts.at(-1)?.lostBatches).toBe(lost);
});
