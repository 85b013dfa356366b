/** Actors: one thing at a time, a throw is an exit, no call is left unanswered. */
import { describe, expect, it } from 'vitest';
import { type Actor, type ActorSpec, startActor } from '../../../device/otp/actor.ts';
import { type ExitReason, KILLED, NORMAL, SHUTDOWN } from '../../../device/otp/child.ts';
import { startSupervisor } from '../../../device/otp/supervisor.ts';
import { Ticker } from '../../../device/otp/ticker.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { fateOf } from './stage.ts';

function stage() {
  const clock = new FakeClock();
  const ticker = new Ticker(clock);
  const start = <Q, R>(spec: ActorSpec<Q, R>): Actor<Q, R> => startActor(spec, ticker);
  return { clock, ticker, start };
}

const boom = new Error('boom');
const crashed: ExitReason = { kind: 'error', error: boom };
const fail = (): never => {
  throw boom;
};

describe('a periodic actor', () => {
  it('ticks at once and then on its grid, until it is stopped', async () => {
    const { clock, start } = stage();
    const at: number[] = [];
    const actor = start({ everyMs: 100, onTick: () => void at.push(clock.monotonic()) });
    expect(at).toEqual([]);
    await clock.advance(250);
    expect(at).toEqual([0, 100, 200]);
    actor.shutdown();
    expect(await actor.exited).toEqual(SHUTDOWN);
    expect(clock.pending).toBe(0);
  });

  it('begins later when told so', async () => {
    const { clock, start } = stage();
    const at: number[] = [];
    start({ everyMs: 100, firstMs: 40, onTick: () => void at.push(clock.monotonic()) });
    await clock.advance(250);
    expect(at).toEqual([40, 140, 240]);
  });

  it('never overlaps itself: ticks that come meanwhile are counted as missed', async () => {
    const { clock, start } = stage();
    const missed: number[] = [];
    const tick = async (_self: unknown, n: number): Promise<void> => {
      missed.push(n);
      await new Promise<void>((resolve) => clock.after(250, resolve));
    };
    start({ everyMs: 100, onTick: tick });
    await clock.advance(650);
    expect(missed).toEqual([0, 2, 2]);
  });

  it.each([
    ['throws', fail],
    ['rejects', () => Promise.reject(boom)],
  ])('ends with the error when its tick %s', async (_how, onTick) => {
    const { clock, start } = stage();
    const actor = start({ everyMs: 100, onTick });
    await clock.advance(0);
    expect(await fateOf(actor)).toEqual(crashed);
    expect(clock.pending).toBe(0);
  });

  it('can end itself', async () => {
    const { clock, start } = stage();
    let ticks = 0;
    const actor = start({ everyMs: 10, onTick: (self) => (++ticks === 3 ? self.exit() : undefined) });
    await clock.advance(100);
    expect(await fateOf(actor)).toEqual(NORMAL);
    expect(ticks).toBe(3);
  });
});

describe('an actor with a mailbox', () => {
  it('answers in order, one at a time, calls and sends alike', async () => {
    const { clock, start } = stage();
    const order: string[] = [];
    const actor = start<number, number>({
      onMessage: async (n) => {
        order.push(`begin ${n}`);
        await new Promise<void>((resolve) => clock.after(10, resolve));
        order.push(`end ${n}`);
        return n * 2;
      },
    });
    const first = actor.call(1);
    actor.send(2);
    const third = actor.call(3);
    await clock.advance(30);
    expect([await first, await third]).toEqual([2, 6]);
    expect(order).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
  });

  it('does not tick in the middle of a message', async () => {
    const { clock, start } = stage();
    const order: string[] = [];
    const actor = start<string, void>({
      everyMs: 100,
      onTick: (_self, missed) => void order.push(`tick ${missed}`),
      onMessage: async () => {
        order.push('begin');
        await new Promise<void>((resolve) => clock.after(170, resolve));
        order.push('end');
      },
    });
    await clock.advance(50);
    actor.send('work');
    await clock.advance(170);
    expect(order).toEqual(['tick 0', 'begin', 'end']);
    await clock.advance(80);
    expect(order).toEqual(['tick 0', 'begin', 'end', 'tick 2']);
  });

  it.each([
    ['throws', fail],
    ['rejects', () => Promise.reject(boom)],
  ])(
    'gives the caller the error and ends with it when the handler %s; those who wait are refused',
    async (_how, onMessage) => {
      const { start } = stage();
      const actor = start<string, void>({ onMessage });
      const calls = [actor.call('first'), actor.call('second')].map((call) => call.catch((e: unknown) => e));
      expect(await calls[0]).toBe(boom);
      expect(await calls[1]).toMatchObject({ code: 'CLOSED' });
      expect(await actor.exited).toEqual(crashed);
      await expect(actor.call('third')).rejects.toMatchObject({ code: 'CLOSED' });
      actor.send('fourth');
    },
  );

  it('leaves no call unanswered when it is killed in the middle of one', async () => {
    const { start } = stage();
    const actor = start<string, void>({ onMessage: () => new Promise<void>(() => {}) });
    const calls = [actor.call('open'), actor.call('waiting')].map((call) => call.catch((e: unknown) => e));
    actor.kill();
    expect(await actor.exited).toEqual(KILLED);
    for (const call of calls) expect(await call).toMatchObject({ code: 'CLOSED' });
  });

  it('takes a flood of messages in linear time', async () => {
    const { start } = stage();
    let seen = 0;
    const actor = start<number, number>({ onMessage: async () => ++seen });
    for (let i = 0; i < 200_000; i++) actor.send(i);
    expect(await actor.call(0)).toBe(200_001);
  });
});

describe('the end of an actor', () => {
  it('comes after the work in hand, and cleans up', async () => {
    const { clock, start } = stage();
    const order: string[] = [];
    const actor = start<string, void>({
      onMessage: async () => {
        await new Promise<void>((resolve) => clock.after(100, resolve));
        order.push('worked');
      },
      onStop: async (reason) => {
        await new Promise<void>((resolve) => clock.after(10, resolve));
        order.push(`stopped: ${reason.kind}`);
      },
    });
    actor.send('work');
    actor.shutdown();
    await clock.advance(50);
    expect(await fateOf(actor)).toBe('running');
    await clock.advance(100);
    expect(await fateOf(actor)).toEqual(SHUTDOWN);
    expect(order).toEqual(['worked', 'stopped: shutdown']);
  });

  it('has the error of a failed clean-up as reason, but never hides the first fault', async () => {
    const { clock, start } = stage();
    const tidy = start({ onStop: fail });
    tidy.shutdown();
    expect(await tidy.exited).toEqual(crashed);
    const first = new Error('first');
    const faulty = start({
      everyMs: 10,
      onTick: () => Promise.reject(first),
      onStop: () => Promise.reject(boom),
    });
    await clock.advance(0);
    expect(await faulty.exited).toEqual({ kind: 'error', error: first });
  });

  it('is not stopped by a clean-up that hangs when it is killed', async () => {
    const { start } = stage();
    const actor = start({ onStop: () => new Promise<void>(() => {}) });
    actor.shutdown();
    await settle();
    actor.kill();
    expect(await actor.exited).toEqual(KILLED);
  });
});

it('ten thousand actors live under one supervisor on one timer, and one that crashes is replaced alone', async () => {
  const { clock, ticker } = stage();
  const ticks = new Uint32Array(10_000);
  let bad = -1;
  const children = Array.from(ticks, (_, i) => ({
    id: `s${i}`,
    start: () =>
      startActor(
        {
          everyMs: 1000,
          firstMs: i % 1000,
          onTick: () => {
            ticks[i] = (ticks[i] ?? 0) + 1;
            if (i === bad) {
              bad = -1;
              throw boom;
            }
          },
        },
        ticker,
      ),
  }));
  const supervisor = await startSupervisor({ children }, { clock });
  const before = supervisor.find('s41');
  await clock.advance(2004);
  expect([ticks.every((n) => n >= 2), clock.pending]).toEqual([true, 1]);
  const crashing = supervisor.find('s42');
  bad = 42;
  await clock.advance(1000);
  expect(supervisor.find('s42')).not.toBe(crashing);
  expect(supervisor.find('s41')).toBe(before);
  expect(supervisor.countChildren().active).toBe(10_000);
  expect(supervisor.rows().filter(({ restarts }) => restarts > 0)).toMatchObject([
    { path: 'root/s42', restarts: 1 },
  ]);
  supervisor.shutdown();
  await supervisor.exited;
  expect(clock.pending).toBe(0);
});
