/** Beyond OTP: waits between restarts, and supervisors that leave a child out instead of ending. */
import { describe, expect, it } from 'vitest';
import { NORMAL } from '../../../device/otp/child.ts';
import type { SupervisorSpec } from '../../../device/otp/supervisor-spec.ts';
import { fateOf, Stage, states } from './stage.ts';

const backoff = { firstMs: 100, capMs: 400, jitter: 0, resetAfterMs: 2000 };
const PATIENT = { intensity: 5, periodMs: 10_000, backoff } as const;

describe('back-off', () => {
  it('waits longer after each failure in a row, up to the cap, and tells when the next attempt is due', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ ...PATIENT, children: [stage.child('a'), stage.child('b')] });
    for (const wait of [100, 200, 400, 400]) {
      await stage.end('a');
      expect(supervisor.rows()[1]).toMatchObject({ state: 'restarting', nextAttemptMs: wait });
      await stage.pass(wait - 1);
      expect(supervisor.rows()[1]?.nextAttemptMs).toBe(1);
      await stage.pass(1);
      expect(supervisor.rows()[1]).toMatchObject({ state: 'running', nextAttemptMs: null });
    }
    expect(supervisor.rows()[1]).toMatchObject({ restarts: 4, restartsInWindow: 4 });
    expect(supervisor.rows()[2]).toMatchObject({ restarts: 0, restartsInWindow: 0 });
    expect(stage.all('b')).toHaveLength(1);
  });

  it('answers the first failures at once where it is told to, and waits from then on', async () => {
    const stage = new Stage();
    const quick = { ...PATIENT, backoff: { ...backoff, immediate: 1 } };
    const supervisor = await stage.supervise({ ...quick, children: [stage.child('a')] });
    await stage.end('a');
    expect(supervisor.rows()[1]).toMatchObject({ state: 'running', restarts: 1, nextAttemptMs: null });
    for (const wait of [100, 200]) {
      await stage.end('a');
      expect(supervisor.rows()[1]).toMatchObject({ state: 'restarting', nextAttemptMs: wait });
      await stage.pass(wait);
    }
  });

  it('starts from the beginning again for a child that ran well for a while', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ ...PATIENT, children: [stage.child('a')] });
    await stage.end('a');
    await stage.pass(100);
    await stage.pass(2000);
    await stage.end('a');
    expect(supervisor.rows()[1]?.nextAttemptMs).toBe(100);
  });

  it('takes its chance from the randomness given', async () => {
    const stage = new Stage();
    const jittery = { ...PATIENT, backoff: { ...backoff, jitter: 0.5 } };
    const supervisor = await stage.supervise({ ...jittery, children: [stage.child('a')] });
    await stage.end('a');
    expect(supervisor.rows()[1]?.nextAttemptMs).toBe(75);
  });

  it('counts the waiting inside the period: restarts age while a child waits', async () => {
    const stage = new Stage();
    const slow = { intensity: 2, periodMs: 500, backoff: { ...backoff, resetAfterMs: 10_000 } };
    const supervisor = await stage.supervise({ ...slow, children: [stage.child('a')] });
    await stage.end('a');
    await stage.pass(100);
    await stage.end('a');
    await stage.pass(200);
    // 300 ms after the first failure: a third in the period is one too many.
    await stage.end('a');
    expect(await fateOf(supervisor)).toMatchObject({ kind: 'shutdown' });

    const again = await stage.supervise({ ...slow, children: [stage.child('b')] });
    await stage.end('b');
    await stage.pass(100);
    await stage.end('b');
    await stage.pass(200);
    await stage.pass(201);
    await stage.end('b');
    expect(await fateOf(again)).toBe('running');
  });

  it.each([
    ['one_for_all', ['- c shutdown', '- a shutdown'], ['+ a', '+ b', '+ c']],
    ['rest_for_one', ['- c shutdown'], ['+ b', '+ c']],
  ] as const)(
    'under %s stops the siblings concerned at once and starts them together after the wait',
    async (strategy, stops, starts) => {
      const stage = new Stage();
      const children = ['a', 'b', 'c'].map((id) => stage.child(id));
      await stage.supervise({ ...PATIENT, strategy, children });
      stage.seen();
      await stage.end('b');
      expect(stage.seen()).toEqual(['- b error', ...stops]);
      await stage.pass(99);
      expect(stage.seen()).toEqual([]);
      await stage.pass(1);
      expect(stage.seen()).toEqual(starts);
    },
  );

  it('is overtaken by terminate and by the end of the supervisor', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ ...PATIENT, children: [stage.child('a')] });
    await stage.end('a');
    await supervisor.terminateChild('a');
    expect(stage.clock.pending).toBe(0);
    await supervisor.restartChild('a');
    await stage.end('a');
    supervisor.shutdown();
    expect(await fateOf(supervisor)).toEqual({ kind: 'shutdown' });
    expect(stage.clock.pending).toBe(0);
  });

  it('lets an earlier sibling that fails under rest_for_one take over the wait of a later one', async () => {
    const stage = new Stage();
    const children = ['a', 'b'].map((id) => stage.child(id));
    const supervisor = await stage.supervise({ ...PATIENT, strategy: 'rest_for_one', children });
    await stage.end('b');
    await stage.pass(50);
    await stage.end('a');
    await stage.pass(99);
    expect(states(supervisor)).toEqual({ a: 'restarting', b: 'stopped' });
    await stage.pass(1);
    expect(states(supervisor)).toEqual({ a: 'running', b: 'running' });
    expect([stage.all('a').length, stage.all('b').length]).toEqual([2, 2]);
  });
});

const LENIENT = { intensity: 2, periodMs: 1000, giveUp: { retryMs: 60_000 } } as const;

describe('a supervisor that leaves children out', () => {
  const lenient = (stage: Stage, more: Partial<SupervisorSpec> = {}) =>
    stage.supervise({ ...LENIENT, children: [stage.child('a'), stage.child('b')], ...more });

  /** Lets `id` fail until it is left out. */
  async function spend(stage: Stage, id: string): Promise<void> {
    for (let i = 0; i <= LENIENT.intensity; i++) {
      await stage.end(id);
      await stage.pass(1);
    }
  }

  it('raises an alarm, runs on, and tries again later', async () => {
    const stage = new Stage();
    const supervisor = await lenient(stage);
    await spend(stage, 'a');
    expect(stage.reports.at(-1)).toMatchObject({
      context: 'gave_up',
      offender: { id: 'a' },
      retryInMs: 60_000,
    });
    expect(supervisor.rows()[1]).toMatchObject({ state: 'gave-up', nextAttemptMs: 59_999, restarts: 2 });
    expect(states(supervisor)['b']).toBe('running');
    expect(stage.all('b')).toHaveLength(1);
    stage.told();
    await stage.pass(59_999);
    expect(states(supervisor)['a']).toBe('running');
    expect(stage.told()).toEqual([]);
    await stage.pass(1000);
    expect(stage.told()).toEqual(['recovered a']);
  });

  it('makes one attempt at a time and raises no second alarm while the fault stands', async () => {
    const stage = new Stage();
    const supervisor = await lenient(stage);
    stage.faults.set('a', Number.POSITIVE_INFINITY);
    await stage.end('a');
    await stage.pass(10);
    expect(stage.told()).toEqual(['child_terminated a', 'start_error a', 'start_error a', 'gave_up a']);
    for (let i = 0; i < 5; i++) {
      await stage.pass(60_000);
      expect(stage.told()).toEqual(['start_error a']);
      expect(states(supervisor)['a']).toBe('gave-up');
    }
    stage.faults.set('a', 0);
    await stage.pass(60_000);
    expect(states(supervisor)['a']).toBe('running');
    await stage.pass(500);
    await stage.end('a');
    expect(states(supervisor)['a']).toBe('gave-up');
    await stage.pass(2000);
    expect(stage.told()).toEqual(['child_terminated a']);
  });

  it('counts independent children each by itself', async () => {
    const stage = new Stage();
    const supervisor = await lenient(stage);
    for (let i = 0; i < LENIENT.intensity; i++) {
      for (const id of ['a', 'b']) await stage.end(id);
      await stage.pass(1);
    }
    expect(states(supervisor)).toEqual({ a: 'running', b: 'running' });
    expect(supervisor.rows().map(({ restartsInWindow }) => restartsInWindow)).toEqual([0, 2, 2]);
    await stage.end('b');
    expect(states(supervisor)).toEqual({ a: 'running', b: 'gave-up' });
  });

  it('can be told by hand to start it now, and to let it be', async () => {
    const stage = new Stage();
    const supervisor = await lenient(stage);
    await spend(stage, 'a');
    stage.told();
    stage.faults.set('a', 1);
    await expect(supervisor.restartChild('a')).rejects.toMatchObject({ code: 'BUS_NACK' });
    expect(supervisor.rows()[1]).toMatchObject({ state: 'gave-up', nextAttemptMs: 60_000 });
    expect(await supervisor.restartChild('a')).toBe(stage.now('a'));
    await stage.end('a');
    await expect(supervisor.deleteChild('a')).rejects.toMatchObject({ details: { refused: 'restarting' } });
    stage.told();
    await supervisor.terminateChild('a');
    expect(stage.told()).toEqual(['recovered a']);
    expect(stage.clock.pending).toBe(0);
    await supervisor.deleteChild('a');
  });

  it('ends the alarm of a child that finished well', async () => {
    const stage = new Stage();
    const supervisor = await lenient(stage, { children: [stage.child('a', { restart: 'transient' })] });
    await spend(stage, 'a');
    await stage.pass(60_000);
    stage.told();
    await stage.end('a', NORMAL);
    await stage.pass(1000);
    expect(stage.told()).toEqual(['recovered a']);
    expect(states(supervisor)['a']).toBe('stopped');
  });

  it('takes along the siblings that its strategy ties together, and brings them back together', async () => {
    const stage = new Stage();
    const children = ['a', 'b', 'c'].map((id) => stage.child(id));
    const supervisor = await lenient(stage, { strategy: 'rest_for_one', children });
    await spend(stage, 'b');
    expect(states(supervisor)).toEqual({ a: 'running', b: 'gave-up', c: 'stopped' });
    stage.told();
    await stage.pass(60_000);
    expect(states(supervisor)).toEqual({ a: 'running', b: 'running', c: 'running' });
    expect(stage.all('a')).toHaveLength(1);
    await stage.pass(1000);
    expect(stage.told()).toEqual(['recovered b']);
  });

  it('does not blame one child for another under rest_for_one', async () => {
    const stage = new Stage();
    const children = ['a', 'b'].map((id) => stage.child(id));
    const supervisor = await lenient(stage, { strategy: 'rest_for_one', children });
    await spend(stage, 'b');
    await stage.end('a');
    expect(states(supervisor)).toEqual({ a: 'running', b: 'running' });
    stage.told();
    await stage.pass(1000);
    expect(stage.told()).toEqual(['recovered b']);
  });

  it("goes back to OTP's way when a live change says so", async () => {
    const stage = new Stage();
    const supervisor = await lenient(stage);
    await spend(stage, 'a');
    stage.told();
    await supervisor.change({ intensity: 1, periodMs: 1000, children: [stage.child('a'), stage.child('b')] });
    expect(stage.told()).toEqual(['recovered a']);
    await stage.pass(60_000);
    await stage.end('a');
    await stage.end('b');
    expect(await fateOf(supervisor)).toMatchObject({ kind: 'shutdown' });
  });
});
