/** Intensity and strategies: N restarts in a period, N + 1 end the supervisor. Names are those of OTP's supervisor_SUITE. */
import { describe, expect, it } from 'vitest';
import { exitInWords } from '../../../device/otp/report.ts';
import type { Child } from '../../../device/otp/child.ts';
import type { Supervisor } from '../../../device/otp/supervisor.ts';
import { fateOf, fault, type Puppet, Stage, states } from './stage.ts';

describe('intensity', () => {
  it('multiple_restarts: restarts spaced beyond the period never reach the limit', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ intensity: 1, periodMs: 1000, children: [stage.child('a')] });
    for (let i = 0; i < 20; i++) {
      await stage.end('a');
      await stage.pass(1001);
    }
    expect(stage.all('a')).toHaveLength(21);
    expect(await fateOf(supervisor)).toBe('running');
    await stage.end('a');
    await stage.pass(1000);
    await stage.end('a');
    expect(await fateOf(supervisor)).toMatchObject({ kind: 'shutdown' });
  });

  it('is not deceived by a wall clock that jumps', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ intensity: 1, periodMs: 1000, children: [stage.child('a')] });
    await stage.pass(10);
    await stage.end('a');
    stage.clock.setWall(0);
    await stage.pass(10);
    await stage.end('a');
    expect(await fateOf(supervisor)).toMatchObject({ kind: 'shutdown' });
  });
});

describe('one_for_one', () => {
  it('one_for_one: only the failed child is replaced, siblings stay who they are', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [stage.child('a'), stage.child('b')] });
    const sibling = supervisor.find('b');
    await stage.end('a');
    expect(stage.seen()).toEqual(['+ a', '+ b', '- a error', '+ a']);
    expect(supervisor.find('b')).toBe(sibling);
    expect(supervisor.find('a')).toBe(stage.all('a')[1]);
    await stage.end('a');
    expect(await fateOf(supervisor)).toMatchObject({ kind: 'shutdown' });
    expect(stage.seen()).toEqual(['- a error', '- b shutdown']);
  });

  it('one_for_one_escalation: a child that cannot restart spends the intensity, and all go down', async () => {
    const stage = new Stage();
    const children = [stage.child('a'), stage.child('b')];
    const supervisor = await stage.supervise({ intensity: 4, children });
    stage.faults.set('a', Number.POSITIVE_INFINITY);
    await stage.end('a');
    await stage.pass(10);
    expect(stage.seen()).toEqual(['+ a', '+ b', '- a error', '! a', '! a', '! a', '! a', '- b shutdown']);
    const reason = await supervisor.exited;
    expect(exitInWords(reason)).toBe(
      'shut down ("a" had to be restarted more than 4 times in 5000 ms: BUS_NACK: a does not answer)',
    );
    expect(stage.told()).toEqual([
      'child_terminated a',
      ...Array<string>(4).fill('start_error a'),
      'shutdown a',
    ]);
  });
});

describe('one_for_all', () => {
  it('one_for_all: nobody survives the failure of one', async () => {
    const stage = new Stage();
    const children = [stage.child('a'), stage.child('b'), stage.child('c')];
    const supervisor = await stage.supervise({ strategy: 'one_for_all', children });
    const before = supervisor.whichChildren().map(({ child }) => child);
    stage.seen();
    await stage.end('b');
    expect(stage.seen()).toEqual(['- b error', '- c shutdown', '- a shutdown', '+ a', '+ b', '+ c']);
    for (const { child } of supervisor.whichChildren()) expect(before).not.toContain(child);
    await stage.end('c');
    expect(await fateOf(supervisor)).toMatchObject({ kind: 'shutdown' });
    expect(['a', 'b', 'c'].filter((id) => stage.alive(id))).toEqual([]);
  });

  it('one_for_all_escalation: a child that cannot restart takes all down', async () => {
    const stage = new Stage();
    const children = [stage.child('a'), stage.child('b')];
    const supervisor = await stage.supervise({ strategy: 'one_for_all', intensity: 2, children });
    stage.faults.set('a', Number.POSITIVE_INFINITY);
    await stage.end('a');
    await stage.pass(10);
    expect(stage.seen()).toEqual(['+ a', '+ b', '- a error', '- b shutdown', '! a', '! a']);
    expect(await fateOf(supervisor)).toMatchObject({ kind: 'shutdown' });
  });

  it('one_for_all_other_child_fails_restart: when B fails while restarting, A is stopped again and the round is repeated', async () => {
    const stage = new Stage();
    const children = [stage.child('a'), stage.child('b')];
    const supervisor = await stage.supervise({ strategy: 'one_for_all', intensity: 3, children });
    stage.seen();
    stage.faults.set('b', 1);
    await stage.end('a');
    await stage.pass(0);
    expect(stage.seen()).toEqual(['- a error', '- b shutdown', '+ a', '! b', '- a shutdown', '+ a', '+ b']);
    expect(states(supervisor)).toEqual({ a: 'running', b: 'running' });
  });
});

describe('rest_for_one', () => {
  const three = (stage: Stage) => [stage.child('a'), stage.child('b'), stage.child('c')];

  it('rest_for_one: those before stay, those after are replaced', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ strategy: 'rest_for_one', children: three(stage) });
    stage.seen();
    await stage.end('b');
    expect(stage.seen()).toEqual(['- b error', '- c shutdown', '+ b', '+ c']);
    expect(stage.all('a')).toHaveLength(1);
    await stage.end('b');
    expect(await fateOf(supervisor)).toMatchObject({ kind: 'shutdown' });
    expect(stage.seen()).toEqual(['- b error', '- c shutdown', '- a shutdown']);
  });

  it('rest_for_one_escalation: a child that cannot restart takes all down', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({
      strategy: 'rest_for_one',
      intensity: 2,
      children: three(stage),
    });
    stage.seen();
    stage.faults.set('b', Number.POSITIVE_INFINITY);
    await stage.end('b');
    await stage.pass(10);
    expect(stage.seen()).toEqual(['- b error', '- c shutdown', '! b', '! b', '- a shutdown']);
    expect(await fateOf(supervisor)).toMatchObject({ kind: 'shutdown' });
  });

  it('rest_for_one_other_child_fails_restart: one that was restarted before the failing one is not restarted twice', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({
      strategy: 'rest_for_one',
      intensity: 3,
      children: three(stage),
    });
    stage.seen();
    stage.faults.set('c', 2);
    await stage.end('a');
    await stage.pass(0);
    expect(stage.seen()).toEqual([
      '- a error',
      '- c shutdown',
      '- b shutdown',
      '+ a',
      '+ b',
      '! c',
      '! c',
      '+ c',
    ]);
    expect(states(supervisor)).toEqual({ a: 'running', b: 'running', c: 'running' });
  });
});

describe('simple_one_for_one', () => {
  const dynamic = (stage: Stage, more = {}) =>
    stage.supervise({ strategy: 'simple_one_for_one', children: [stage.child('t')], ...more });

  it('simple_one_for_one: the failed child is replaced, its siblings stay', async () => {
    const stage = new Stage();
    const supervisor = await dynamic(stage);
    const first = await supervisor.startChild([1]);
    const second = (await supervisor.startChild([2])) as Puppet;
    second.end(fault('t'));
    await stage.quiet();
    const now = supervisor.whichChildren().map(({ child }) => child);
    expect(now).toEqual([first, stage.all('t')[2]]);
  });

  it('simple_one_for_one_shutdown: slow children are stopped side by side, so that the slowest sets the time', async () => {
    const stage = new Stage();
    const child = stage.child('t', { shutdown: 1000 }, { slowMs: 800 });
    const supervisor = await dynamic(stage, { children: [child] });
    for (let i = 0; i < 100; i++) await supervisor.startChild([i]);
    supervisor.shutdown();
    await stage.pass(800);
    expect(await fateOf(supervisor)).toEqual({ kind: 'shutdown' });
    expect(stage.told()).toEqual([]);
  });

  it('simple_one_for_one_extra: a replaced child gets the arguments of the one before', async () => {
    const stage = new Stage();
    const supervisor = await dynamic(stage);
    await supervisor.startChild(['i2c-1', 0x76]);
    await stage.end('t');
    expect(stage.all('t').map(({ args }) => args)).toEqual([
      ['i2c-1', 0x76],
      ['i2c-1', 0x76],
    ]);
  });

  it('simple_one_for_one_escalation: a child that cannot restart takes all down', async () => {
    const stage = new Stage();
    const supervisor = await dynamic(stage, { intensity: 3 });
    await supervisor.startChild([1]);
    const failing = (await supervisor.startChild([2])) as Puppet;
    stage.faults.set('t', Number.POSITIVE_INFINITY);
    stage.seen();
    failing.end(fault('t'));
    await stage.quiet();
    await stage.pass(10);
    expect(stage.seen()).toEqual(['- t error', '! t', '! t', '! t', '- t shutdown']);
    expect(await fateOf(supervisor)).toMatchObject({ kind: 'shutdown' });
  });

  it('simple_one_for_one_corruption: an unknown message harms nothing', async () => {
    const stage = new Stage();
    const supervisor = await dynamic(stage);
    const first = (await supervisor.startChild([1])) as Child;
    await expect(supervisor.startChild('unexpected' as never)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(supervisor.terminateChild({} as Child)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(await fateOf(supervisor)).toBe('running');
    expect(supervisor.whichChildren().map(({ child }) => child)).toEqual([first]);
  });
});

it('tree: only the failing branch restarts; of a restarted branch the declared children come back, added ones do not', async () => {
  const stage = new Stage();
  const left = stage.branch('left', { intensity: 1, children: [stage.child('l1'), stage.child('l2')] });
  const right = stage.branch('right', { intensity: 1, children: [stage.child('r1')] });
  const supervisor = await stage.supervise({ children: [left, right] });
  const branch = supervisor.find('left') as Supervisor;
  await branch.startChild(stage.child('added'));
  stage.seen();
  await stage.end('l1');
  expect(stage.seen()).toEqual(['- l1 error', '+ l1']);
  expect(supervisor.find('left')).toBe(branch);
  await stage.end('l1');
  expect(stage.seen()).toEqual(['- l1 error', '- added shutdown', '- l2 shutdown', '+ l1', '+ l2']);
  expect(supervisor.find('left')).not.toBe(branch);
  expect(supervisor.rows().map(({ path, state, restarts }) => `${path} ${state} ${restarts}`)).toEqual([
    'root running 0',
    'root/left running 1',
    'root/left/l1 running 0',
    'root/left/l2 running 0',
    'root/right running 0',
    'root/right/r1 running 0',
  ]);
  expect(supervisor.rows()[1]?.lastCause).toBe(
    'shut down ("l1" had to be restarted more than 1 times in 5000 ms: DRIVER_CHECKSUM: l1 crashed)',
  );
});
