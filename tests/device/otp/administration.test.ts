/** Administration and validation. Names are those of OTP's supervisor_SUITE. */
import { describe, expect, it } from 'vitest';
import type { Child } from '../../../device/otp/child.ts';
import { resolveChildSpecs, resolveSpec, type SupervisorSpec } from '../../../device/otp/supervisor-spec.ts';
import { Puppet, Stage } from './stage.ts';

const refused = (why: string) => ({ code: 'BAD_INPUT', details: { refused: why } });

describe('administration', () => {
  it('child_adm: start, terminate, restart and delete, each refused by name out of turn', async () => {
    const stage = new Stage();
    const a = stage.child('a');
    const supervisor = await stage.supervise({ children: [a] });
    await expect(supervisor.startChild(a)).rejects.toMatchObject(refused('already_started'));
    await expect(supervisor.restartChild('a')).rejects.toMatchObject(refused('running'));
    await expect(supervisor.deleteChild('a')).rejects.toMatchObject(refused('running'));
    await expect(supervisor.terminateChild(stage.now('a'))).rejects.toMatchObject(refused('not_found'));
    expect(stage.alive('a')).toBe(true);

    await supervisor.terminateChild('a');
    await supervisor.terminateChild('a');
    expect(stage.now('a').ended).toEqual({ kind: 'shutdown' });
    expect(supervisor.countChildren()).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 1 });
    await expect(supervisor.startChild(a)).rejects.toMatchObject(refused('already_present'));

    expect(await supervisor.restartChild('a')).toBe(stage.now('a'));
    expect(stage.all('a')).toHaveLength(2);
    await supervisor.terminateChild('a');
    await supervisor.deleteChild('a');
    for (const call of ['restartChild', 'terminateChild', 'deleteChild'] as const) {
      await expect(supervisor[call]('a')).rejects.toMatchObject(refused('not_found'));
    }
    expect(() => supervisor.childSpec('a')).toThrow('not_found');
    expect(await supervisor.startChild(a)).toBe(stage.now('a'));
  });

  it('child_adm_simple: dynamic children go by themselves, not by id', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({
      strategy: 'simple_one_for_one',
      children: [stage.child('t')],
    });
    const first = (await supervisor.startChild(['x'])) as Child;
    const second = (await supervisor.startChild(['y'])) as Child;
    expect(supervisor.whichChildren().map(({ child }) => child)).toEqual([first, second]);
    await supervisor.terminateChild(first);
    await supervisor.terminateChild(first);
    expect(supervisor.countChildren()).toEqual({ specs: 1, active: 1, supervisors: 0, workers: 1 });

    const foreign = new Puppet(stage, 'foreign', {}, []);
    await expect(supervisor.terminateChild(foreign)).rejects.toMatchObject(refused('not_found'));
    expect(foreign.ended).toBeNull();
    const byId = refused('simple_one_for_one');
    await expect(supervisor.terminateChild('t#2')).rejects.toMatchObject(byId);
    await expect(supervisor.restartChild('t#2')).rejects.toMatchObject(byId);
    await expect(supervisor.deleteChild('t#2')).rejects.toMatchObject(byId);
    await expect(supervisor.startChild(stage.child('u'))).rejects.toMatchObject(byId);
    expect(stage.all('t')[1]?.ended).toBeNull();
  });

  it('extra_return: the child that start gave comes through as it is, and automatic restart still works', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [] });
    const started = await supervisor.startChild(stage.child('a'));
    expect(started).toBe(stage.now('a'));
    expect((started as Puppet).name).toBe('a');
    await supervisor.terminateChild('a');
    expect(await supervisor.restartChild('a')).toBe(stage.all('a')[1]);
    await stage.end('a');
    expect(supervisor.whichChildren()[0]?.child).toBe(stage.all('a')[2]);
  });
});

describe('validation', () => {
  const start = () => 'ignore' as const;
  const good = { id: 'a', start };

  it('child_specs: each bad field gives its own error, and nothing is started', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ autoShutdown: 'any_significant', children: [] });
    const cases: [field: string, spec: object][] = [
      ['id', { ...good, id: 7 }],
      ['id', { ...good, id: '' }],
      ['id', { ...good, id: 'a/b' }],
      ['id', { ...good, id: 'x'.repeat(101) }],
      ['start', { ...good, start: 'begin' }],
      ['restart', { ...good, restart: 'prmanent' }],
      ['shutdown', { ...good, shutdown: -1 }],
      ['shutdown', { ...good, shutdown: 'brutal' }],
      ['shutdown', { ...good, shutdown: Number.NaN }],
      ['type', { ...good, type: 'wrker' }],
      ['significant', { ...good, restart: 'transient', significant: 'yes' }],
      ['significant', { ...good, restart: 'permanent', significant: true }],
      ['startTimeoutMs', { ...good, startTimeoutMs: 0 }],
    ];
    for (const [field, spec] of cases) {
      await expect(supervisor.startChild(spec as never)).rejects.toMatchObject({
        code: 'BAD_INPUT',
        details: { field },
      });
      expect(() => resolveChildSpecs([spec as never])).toThrow(field);
    }
    expect(supervisor.whichChildren()).toEqual([]);
    expect(() => resolveChildSpecs([good, good])).toThrow('an id used once');
    await expect(stage.supervise({ children: [stage.child('a'), stage.child('a')] })).rejects.toThrow(
      'used once',
    );
    expect(stage.journal).toEqual([]);
  });

  it('child_specs_map: every combination of good values is accepted by the checker and by the starter', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ autoShutdown: 'all_significant', children: [] });
    let n = 0;
    for (const restart of ['permanent', 'transient', 'temporary'] as const)
      for (const shutdown of [0, 10, 'infinity', 'brutal_kill'] as const)
        for (const type of ['worker', 'supervisor'] as const)
          for (const significant of restart === 'permanent' ? [false] : [false, true]) {
            const spec = stage.child(`c${n++}`, { restart, shutdown, type, significant });
            expect(resolveChildSpecs([spec])[0]).toMatchObject({ restart, shutdown, type, significant });
            expect(await supervisor.startChild(spec)).toBe(stage.now(spec.id));
          }
    expect(supervisor.countChildren().active).toBe(n);
    const never: SupervisorSpec = { children: [{ ...good, restart: 'transient', significant: true }] };
    expect(() => resolveSpec(never)).toThrow('significant must be false while autoShutdown is never');
    expect(() => resolveSpec({ strategy: 'simple_one_for_one', children: [] })).toThrow(
      'exactly one template',
    );
    const two = [good, { ...good, id: 'b' }];
    expect(() => resolveSpec({ strategy: 'simple_one_for_one', children: two })).toThrow(
      'exactly one template',
    );
  });

  it('sup_flags: each bad flag is refused by name; unknown flags are ignored', () => {
    const bad: [field: string, flags: object][] = [
      ['strategy', { strategy: 'none_for_one' }],
      ['intensity', { intensity: 1.5 }],
      ['intensity', { intensity: -1 }],
      ['intensity', { intensity: Number.POSITIVE_INFINITY }],
      ['periodMs', { periodMs: 0 }],
      ['periodMs', { periodMs: Number.POSITIVE_INFINITY }],
      ['autoShutdown', { autoShutdown: 'sometimes' }],
      ['children', { children: 'none' }],
      ['giveUp.retryMs', { giveUp: { retryMs: 0 } }],
      ['backoff.firstMs', { backoff: { firstMs: 0, capMs: 10 } }],
      ['backoff.immediate', { backoff: { firstMs: 1, immediate: -1, capMs: 10 } }],
      ['backoff.factor', { backoff: { firstMs: 1, factor: 0.5, capMs: 10 } }],
      ['backoff.capMs', { backoff: { firstMs: 20, capMs: 10 } }],
      ['backoff.jitter', { backoff: { firstMs: 1, capMs: 10, jitter: 2 } }],
      ['backoff.resetAfterMs', { backoff: { firstMs: 1, capMs: 10, resetAfterMs: -1 } }],
    ];
    for (const [field, flags] of bad) {
      const resolve = () => resolveSpec({ children: [], ...flags });
      expect(resolve).toThrow(expect.objectContaining({ details: expect.objectContaining({ field }) }));
    }
    expect(() => resolveSpec([] as never)).toThrow('children');
    expect(() => resolveSpec({ children: [], colour: 'red' } as never)).not.toThrow();
  });

  it('refuses a period in which the back-off would never let the intensity be reached', () => {
    const backoff = { firstMs: 1000, capMs: 4000 };
    const spec = { children: [], intensity: 4, backoff };
    expect(() => resolveSpec({ ...spec, periodMs: 10_999 })).toThrow('at least 11000');
    expect(resolveSpec({ ...spec, periodMs: 11_000 }).flags.backoff).toMatchObject({
      factor: 2,
      jitter: 0.2,
    });
  });
});
