/** Restarts that keep failing stay interruptible, whatever the strategy. Names are those of OTP's supervisor_SUITE. */
import { describe, expect, it } from 'vitest';
import type { Supervisor } from '../../../device/otp/supervisor.ts';
import type { AnyChildSpec } from '../../../device/otp/supervisor-spec.ts';
import { fateOf, fault, type Puppet, Stage, states } from './stage.ts';

const FOR_EVER = 1_000_000;
const refused = (why: string) => ({ details: { refused: why } });

/** Calls that must be answered while `a` fails to restart. */
async function interrupted(stage: Stage, supervisor: Supervisor): Promise<void> {
  expect(states(supervisor)['a']).toBe('restarting');
  expect(supervisor.whichChildren().find(({ id }) => id === 'a')?.child).toBeNull();
  await expect(supervisor.startChild(stage.child('a'))).rejects.toMatchObject(refused('already_present'));
  await expect(supervisor.restartChild('a')).rejects.toMatchObject(refused('restarting'));
  await expect(supervisor.deleteChild('a')).rejects.toMatchObject(refused('restarting'));
}

describe('a restart that keeps failing', () => {
  it.each(['one_for_one', 'one_for_all'] as const)(
    'hanging_restart_loop: under %s every call is answered, terminate ends it, and it can be started by hand',
    async (strategy) => {
      const stage = new Stage();
      const supervisor = await stage.supervise({
        strategy,
        intensity: FOR_EVER,
        children: [stage.child('a')],
      });
      stage.faults.set('a', Number.POSITIVE_INFINITY);
      await stage.end('a');
      await interrupted(stage, supervisor);
      await supervisor.terminateChild('a');
      expect(states(supervisor)).toEqual({ a: 'stopped' });
      stage.seen();
      await stage.pass(1000);
      expect(stage.seen()).toEqual([]);
      stage.faults.set('a', 0);
      expect(await supervisor.restartChild('a')).toBe(stage.now('a'));

      stage.faults.set('a', Number.POSITIVE_INFINITY);
      await stage.end('a');
      supervisor.shutdown();
      await stage.quiet();
      expect(await fateOf(supervisor)).toEqual({ kind: 'shutdown' });
      expect(stage.clock.pending).toBe(0);
    },
  );

  it('hanging_restart_loop_rest_for_one: earlier ones run on, later ones stay stopped, also after terminate', async () => {
    const stage = new Stage();
    const children = ['z', 'a', 'b', 'c'].map((id) => stage.child(id));
    const supervisor = await stage.supervise({ strategy: 'rest_for_one', intensity: FOR_EVER, children });
    stage.faults.set('a', Number.POSITIVE_INFINITY);
    await stage.end('a');
    await interrupted(stage, supervisor);
    expect(states(supervisor)).toEqual({ z: 'running', a: 'restarting', b: 'stopped', c: 'stopped' });
    await supervisor.terminateChild('a');
    await stage.pass(100);
    expect(states(supervisor)).toEqual({ z: 'running', a: 'stopped', b: 'stopped', c: 'stopped' });
    expect(await supervisor.restartChild('b')).toBe(stage.now('b'));
    expect(stage.all('z')).toHaveLength(1);
    supervisor.shutdown();
    await stage.quiet();
    expect(await fateOf(supervisor)).toEqual({ kind: 'shutdown' });
  });

  it.each(['terminate first', 'retry first'])(
    'is ended by a terminate that waits in the mailbox together with the retry (%s)',
    async (order) => {
      const stage = new Stage();
      const slow = stage.child('slow', {}, { slowMs: 100 });
      const children = [stage.child('a'), slow];
      const backoff = { firstMs: 50, capMs: 50, jitter: 0 };
      const supervisor = await stage.supervise({ intensity: 9, children, backoff });
      stage.faults.set('a', Number.POSITIVE_INFINITY);
      await stage.end('a');
      const calls = [supervisor.terminateChild('slow')];
      if (order === 'retry first') await stage.pass(60);
      calls.push(supervisor.terminateChild('a'));
      await stage.pass(1000);
      await Promise.all(calls);
      expect(states(supervisor)).toEqual({ a: 'stopped', slow: 'stopped' });
      expect(stage.journal.filter((line) => line === '! a')).toHaveLength(order === 'retry first' ? 1 : 0);
      expect(stage.clock.pending).toBe(0);
    },
  );

  it('that wants nothing any more is forgotten under simple_one_for_one', async () => {
    const stage = new Stage();
    const plain = stage.child('t');
    let starts = 0;
    const start: AnyChildSpec['start'] = (context) => (starts++ === 0 ? plain.start(context) : 'ignore');
    const supervisor = await stage.supervise({
      strategy: 'simple_one_for_one',
      children: [{ ...plain, start }],
    });
    await supervisor.startChild([]);
    await stage.end('t');
    expect(supervisor.whichChildren()).toEqual([]);
    expect(await fateOf(supervisor)).toBe('running');
  });

  it('hanging_restart_loop_simple: new ones can be started meanwhile, and the supervisor ends at once', async () => {
    const stage = new Stage();
    const children = [stage.child('t')];
    const supervisor = await stage.supervise({
      strategy: 'simple_one_for_one',
      intensity: FOR_EVER,
      children,
    });
    const first = (await supervisor.startChild([1])) as Puppet;
    const second = await supervisor.startChild([2]);
    stage.faults.set('t', Number.POSITIVE_INFINITY);
    first.end(fault('t'));
    await stage.quiet();
    expect(states(supervisor)).toEqual({ 't#1': 'restarting', 't#2': 'running' });
    await expect(supervisor.startChild([3])).rejects.toMatchObject({ code: 'BUS_NACK' });
    await supervisor.terminateChild(second);
    await supervisor.terminateChild(first);
    expect(states(supervisor)).toEqual({ 't#1': 'restarting' });
    supervisor.shutdown();
    await stage.quiet();
    expect(await fateOf(supervisor)).toEqual({ kind: 'shutdown' });
    expect(stage.clock.pending).toBe(0);
  });
});
