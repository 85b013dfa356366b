/** Stopping: how long, in which order, and what a child may do about it. Names are those of OTP's supervisor_SUITE. */
import { describe, expect, it } from 'vitest';
import { ABANDON_AFTER_MS, endChildren } from '../../../device/otp/ending.ts';
import { type ExitReason, NORMAL, SHUTDOWN } from '../../../device/otp/child.ts';
import type { AnyChildSpec } from '../../../device/otp/supervisor-spec.ts';
import { fateOf, fault, Puppet, Stage } from './stage.ts';

describe('stopping a supervisor', () => {
  it('sup_stop_infinity: it waits for a slow child as long as that takes', async () => {
    const stage = new Stage();
    const a = stage.child('a', { shutdown: 'infinity' }, { slowMs: 3_600_000 });
    const supervisor = await stage.supervise({ children: [a, stage.child('b')] });
    supervisor.shutdown();
    await stage.pass(3_599_999);
    expect(await fateOf(supervisor)).toBe('running');
    await stage.pass(1);
    expect(await fateOf(supervisor)).toEqual(SHUTDOWN);
    expect(stage.now('a').ended).toEqual(SHUTDOWN);
  });

  it('sup_stop_timeout: one that does not end in its time is killed, the others shut down', async () => {
    const stage = new Stage();
    const a = stage.child('a', { shutdown: 1000 }, { onShutdown: 'deaf' });
    const supervisor = await stage.supervise({ children: [stage.child('b'), a] });
    supervisor.shutdown();
    await stage.pass(999);
    expect(stage.alive('a')).toBe(true);
    expect(stage.alive('b')).toBe(true);
    await stage.pass(1);
    expect(stage.now('a').ended).toEqual({ kind: 'killed' });
    expect(stage.now('b').ended).toEqual(SHUTDOWN);
    expect(stage.told()).toEqual(['shutdown_error a']);
  });

  it('sup_stop_timeout_dynamic: so for dynamic children, all in the same time', async () => {
    const stage = new Stage();
    const template = stage.child('t', { shutdown: 1000 }, { onShutdown: 'deaf' });
    const supervisor = await stage.supervise({ strategy: 'simple_one_for_one', children: [template] });
    for (let i = 0; i < 5; i++) await supervisor.startChild([i]);
    supervisor.shutdown();
    await stage.pass(1000);
    expect(await fateOf(supervisor)).toEqual(SHUTDOWN);
    expect(stage.all('t').map(({ ended }) => ended?.kind)).toEqual(Array(5).fill('killed'));
  });

  it('sup_stop_brutal_kill: killed at once, without being asked', async () => {
    const stage = new Stage();
    const a = stage.child('a', { shutdown: 'brutal_kill' }, { onShutdown: NORMAL });
    const supervisor = await stage.supervise({ children: [a, stage.child('b')] });
    supervisor.shutdown();
    await stage.quiet();
    expect(stage.now('a').ended).toEqual({ kind: 'killed' });
    expect(stage.now('b').ended).toEqual(SHUTDOWN);
    expect(stage.told()).toEqual([]);
  });

  it('sup_stop_brutal_kill_dynamic: so for dynamic children', async () => {
    const stage = new Stage();
    const template = stage.child('t', { shutdown: 'brutal_kill' }, { onShutdown: NORMAL });
    const supervisor = await stage.supervise({ strategy: 'simple_one_for_one', children: [template] });
    for (let i = 0; i < 3; i++) await supervisor.startChild([i]);
    supervisor.shutdown();
    await stage.quiet();
    expect(stage.all('t').map(({ ended }) => ended?.kind)).toEqual(['killed', 'killed', 'killed']);
  });

  it('sup_stop_race: children that leave by themselves meanwhile keep their reasons and disturb nothing', async () => {
    const reasons: ExitReason[] = [NORMAL, SHUTDOWN, { kind: 'shutdown', detail: 'done' }, fault('x')];
    for (const restart of ['permanent', 'transient', 'temporary'] as const) {
      const stage = new Stage();
      const children = reasons.map((_, i) => stage.child(`c${i}`, { restart }));
      const supervisor = await stage.supervise({ intensity: 0, children });
      supervisor.shutdown();
      reasons.forEach((reason, i) => stage.now(`c${i}`).end(reason));
      await stage.quiet();
      expect(await fateOf(supervisor)).toEqual(SHUTDOWN);
      expect(reasons.map((_, i) => stage.now(`c${i}`).ended)).toEqual(reasons);
      expect(stage.journal.filter((line) => line.startsWith('+'))).toHaveLength(4);
    }
  });

  it('sup_stop_non_shutdown_exit_dynamic: a dynamic child may answer the stop with another reason', async () => {
    const stage = new Stage();
    const template = stage.child('t', {}, { onShutdown: fault('t') });
    const supervisor = await stage.supervise({ strategy: 'simple_one_for_one', children: [template] });
    await supervisor.startChild([]);
    supervisor.shutdown();
    await stage.quiet();
    expect(await fateOf(supervisor)).toEqual(SHUTDOWN);
    expect(stage.told()).toEqual(['shutdown_error t#1']);
  });

  it('child_unlink: a child that gives no sign of its end cannot hang the supervisor', async () => {
    const stage = new Stage();
    const a = stage.child('a', { shutdown: 100 }, { onShutdown: 'deaf', unkillable: true });
    const supervisor = await stage.supervise({ children: [a] });
    const done = supervisor.terminateChild('a');
    await stage.pass(100 + ABANDON_AFTER_MS);
    await done;
    expect(supervisor.rows()[1]).toMatchObject({
      state: 'stopped',
      lastCause: 'TIMEOUT: gave no sign of its end 5000 ms after being killed',
    });
  });
});

describe('ending several children at once', () => {
  it('tells the one that could not be killed from the one that could', async () => {
    const stage = new Stage();
    const stuck = new Puppet(stage, 'stuck', { onShutdown: 'deaf', unkillable: true }, []);
    const deaf = new Puppet(stage, 'deaf', { onShutdown: 'deaf' }, []);
    const good = new Puppet(stage, 'good', {}, []);
    const ends = endChildren([deaf, stuck, good], 100, stage.clock);
    await stage.pass(100 + ABANDON_AFTER_MS);
    expect(await ends).toMatchObject([{ kind: 'killed' }, { kind: 'error' }, { kind: 'shutdown' }]);
    expect(stage.clock.pending).toBe(0);
  });
});

describe('killing a supervisor', () => {
  it('kills all below at once, branches too', async () => {
    const stage = new Stage();
    const deaf = stage.child('deaf', { shutdown: 'infinity' }, { onShutdown: 'deaf' });
    const supervisor = await stage.supervise({
      children: [stage.branch('s', { children: [deaf] }), stage.child('a')],
    });
    supervisor.kill();
    await stage.quiet();
    expect(await fateOf(supervisor)).toEqual({ kind: 'killed' });
    expect(stage.now('deaf').ended).toEqual({ kind: 'killed' });
    expect(stage.now('a').ended).toEqual({ kind: 'killed' });
  });

  it('overtakes a shutdown that waits', async () => {
    const stage = new Stage();
    const deaf = stage.child('deaf', { shutdown: 'infinity' }, { onShutdown: 'deaf' });
    const supervisor = await stage.supervise({ children: [deaf] });
    supervisor.shutdown();
    await stage.pass(60_000);
    expect(await fateOf(supervisor)).toBe('running');
    supervisor.kill();
    await stage.quiet();
    expect(await fateOf(supervisor)).toEqual({ kind: 'killed' });
  });

  it('ends even when a child cannot be killed, and leaves no timer behind', async () => {
    const stage = new Stage();
    const stuck = stage.child('stuck', { shutdown: 'infinity' }, { onShutdown: 'deaf', unkillable: true });
    const supervisor = await stage.supervise({ children: [stuck] });
    supervisor.shutdown();
    await stage.pass(60_000);
    supervisor.kill();
    await stage.pass(ABANDON_AFTER_MS);
    expect(await fateOf(supervisor)).toEqual({ kind: 'killed' });
    expect(stage.clock.pending).toBe(0);
  });

  it('takes a child that comes up in that very moment', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [] });
    const deaf = stage.child('deaf', { shutdown: 'infinity' }, { onShutdown: 'deaf' });
    const start: AnyChildSpec['start'] = (context, ...args) => {
      supervisor.kill();
      return deaf.start(context, ...args);
    };
    await supervisor.startChild({ ...deaf, start });
    await stage.quiet();
    expect(stage.now('deaf').ended).toEqual({ kind: 'killed' });
    expect(await fateOf(supervisor)).toEqual({ kind: 'killed' });
  });

  it('leaves nothing that waits in its mailbox to be started', async () => {
    const stage = new Stage();
    const slow = stage.child('slow', {}, { slowMs: 1000 });
    const supervisor = await stage.supervise({ children: [slow] });
    await stage.quiet();
    const stopping = supervisor.terminateChild('slow');
    const refused = supervisor.startChild(stage.child('b')).catch((error: unknown) => error);
    supervisor.shutdown();
    await stage.pass(1000);
    await stopping;
    expect(await refused).toMatchObject({ code: 'CLOSED' });
    expect(await fateOf(supervisor)).toEqual(SHUTDOWN);
    expect(stage.journal).toEqual(['+ slow', '- slow shutdown']);
  });

  it('starts nothing more of a round that it interrupts', async () => {
    const stage = new Stage();
    const slow = stage.child('slow', {}, { slowMs: 1000 });
    const supervisor = await stage.supervise({ strategy: 'one_for_all', children: [stage.child('a'), slow] });
    await stage.end('a');
    supervisor.shutdown();
    await stage.pass(1000);
    expect(await fateOf(supervisor)).toEqual(SHUTDOWN);
    expect(stage.journal).toEqual(['+ a', '+ slow', '- a error', '- slow shutdown']);
  });

  it('refuses calls from then on', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [stage.child('a')] });
    supervisor.kill();
    await expect(supervisor.startChild(stage.child('b'))).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
