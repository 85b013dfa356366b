/** Live change of flags and specs: OTP's code_change, as a configuration reload. Names are those of OTP's supervisor_SUITE. */
import { describe, expect, it } from 'vitest';
import { NORMAL } from '../../../device/otp/child.ts';
import { fateOf, type Puppet, Stage, states } from './stage.ts';

describe('changing a supervisor while it runs', () => {
  it('code_change: flags and specs count from now on; added children wait, removed ones stay; the order is the new one', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [stage.child('a'), stage.child('b')] });
    const before = [supervisor.find('a'), supervisor.find('b')];
    await supervisor.change({
      strategy: 'one_for_all',
      intensity: 0,
      periodMs: 100,
      children: [stage.child('c'), stage.child('b', { shutdown: 10, restart: 'transient' })],
    });
    expect(states(supervisor)).toEqual({ c: 'stopped', b: 'running', a: 'running' });
    expect(supervisor.whichChildren().map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    expect([supervisor.find('a'), supervisor.find('b')]).toEqual(before);
    expect(supervisor.flags).toMatchObject({ strategy: 'one_for_all', intensity: 0, periodMs: 100 });
    expect(supervisor.childSpec('b')).toMatchObject({ shutdown: 10, restart: 'transient' });

    expect(await supervisor.restartChild('c')).toBe(stage.now('c'));
    await stage.end('b', NORMAL);
    expect(states(supervisor)['b']).toBe('stopped');
    await stage.end('a');
    expect(await fateOf(supervisor)).toMatchObject({ kind: 'shutdown' });
  });

  it('code_change_map: a changed start function is used from the next start on', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [stage.child('a')] });
    const fresh = stage.child('fresh');
    await supervisor.change({ children: [{ ...fresh, id: 'a' }] });
    expect(stage.seen()).toEqual(['+ a']);
    await stage.end('a');
    expect(stage.seen()).toEqual(['- a error', '+ fresh']);
  });

  it('code_change_map: "ignore" changes nothing, and bad input is refused whole', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ intensity: 3, children: [stage.child('a')] });
    await supervisor.change('ignore');
    const refused = (spec: object, field: string) =>
      expect(supervisor.change(spec as never)).rejects.toMatchObject({
        code: 'BAD_INPUT',
        details: { field },
      });
    await refused({ strategy: 'all_for_all', children: [] }, 'strategy');
    await refused({ intensity: 7, children: [{ id: 'a' }] }, 'start');
    await refused({ children: [stage.child('x'), stage.child('x')] }, 'id');
    await refused({ children: 'none' }, 'children');
    await refused({ strategy: 'simple_one_for_one', children: [stage.child('a')] }, 'strategy');
    expect(supervisor.flags.intensity).toBe(3);
    expect(states(supervisor)).toEqual({ a: 'running' });
  });

  it('code_change_simple: flags and the template change, the dynamic children run on', async () => {
    const stage = new Stage();
    const children = [stage.child('t')];
    const supervisor = await stage.supervise({ strategy: 'simple_one_for_one', children });
    const first = (await supervisor.startChild(['x'])) as Puppet;
    const template = { ...stage.child('fresh'), id: 't', shutdown: 7 };
    await supervisor.change({ strategy: 'simple_one_for_one', intensity: 4, children: [template] });
    expect(first.ended).toBeNull();
    expect(supervisor.childSpec(first)).toMatchObject({ shutdown: 7 });
    expect(supervisor.flags.intensity).toBe(4);
    await stage.end('t');
    expect(stage.now('fresh').args).toEqual(['x']);
  });

  it('code_change_simple: a running temporary child, whose arguments are gone, is not restarted by a new template', async () => {
    const stage = new Stage();
    const children = [stage.child('t', { restart: 'temporary' })];
    const supervisor = await stage.supervise({ strategy: 'simple_one_for_one', children });
    await supervisor.startChild(['x']);
    await supervisor.change({ strategy: 'simple_one_for_one', children: [stage.child('t')] });
    await stage.end('t');
    expect(stage.all('t')).toHaveLength(1);
    expect(supervisor.whichChildren()).toEqual([]);
  });

  it('code_change_simple_map: the template can be neither added nor removed', async () => {
    const stage = new Stage();
    const strategy = 'simple_one_for_one';
    const supervisor = await stage.supervise({ strategy, children: [stage.child('t')] });
    for (const children of [[], [stage.child('t'), stage.child('u')]]) {
      await expect(supervisor.change({ strategy, children })).rejects.toMatchObject({
        details: { field: 'children' },
      });
    }
    await expect(supervisor.change({ children: [stage.child('t')] })).rejects.toMatchObject({
      details: { field: 'strategy' },
    });
    expect(supervisor.flags.strategy).toBe(strategy);
  });

  it('get_callback_module: what a supervisor was told can be read from it', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({
      strategy: 'rest_for_one',
      intensity: 3,
      children: [stage.child('a')],
    });
    expect(supervisor.path).toBe('root');
    expect(supervisor.flags).toMatchObject({ strategy: 'rest_for_one', intensity: 3 });
    expect(supervisor.whichChildren()).toEqual([
      { id: 'a', state: 'running', child: stage.now('a'), type: 'worker' },
    ]);
  });
});

describe('order', () => {
  it('order_of_children: started as declared, stopped in reverse, also the rest under rest_for_one', async () => {
    const stage = new Stage();
    const children = ['a', 'b', 'c', 'd'].map((id) => stage.child(id));
    const supervisor = await stage.supervise({ strategy: 'rest_for_one', children });
    await supervisor.startChild(stage.child('e'));
    expect(stage.seen()).toEqual(['+ a', '+ b', '+ c', '+ d', '+ e']);
    await stage.end('c');
    expect(stage.seen()).toEqual(['- c error', '- e shutdown', '- d shutdown', '+ c', '+ d', '+ e']);
    supervisor.shutdown();
    await stage.quiet();
    expect(stage.seen()).toEqual(['e', 'd', 'c', 'b', 'a'].map((id) => `- ${id} shutdown`));
  });
});
