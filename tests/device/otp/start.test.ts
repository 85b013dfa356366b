/** Starting: what an init function, a child or a caller may answer, and what is left afterwards. Names are those of OTP's supervisor_SUITE. */
import { describe, expect, it } from 'vitest';
import { resolveChildSpecs, type SupervisorSpec } from '../../../device/otp/supervisor-spec.ts';
import { fateOf, Stage, states } from './stage.ts';

const ignoring = { start: () => 'ignore' as const };

describe('starting a supervisor', () => {
  it('sup_start_normal: an empty supervisor starts and ends gracefully', async () => {
    const supervisor = await new Stage().supervise({ children: [] });
    expect(await fateOf(supervisor)).toBe('running');
    supervisor.shutdown();
    expect(await supervisor.exited).toEqual({ kind: 'shutdown' });
    expect(supervisor.rows()[0]?.state).toBe('stopped');
  });

  it('sup_start_ignore_init: an init that wants nothing gives no supervisor and no error', async () => {
    expect(await new Stage().supervise((): 'ignore' => 'ignore')).toBe('ignore');
  });

  it('sup_start_error_return: an init that gives no spec is refused', async () => {
    const init = (): SupervisorSpec => 'invalid' as never;
    await expect(new Stage().supervise(init)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      details: { field: 'spec', actual: 'invalid' },
    });
  });

  it('sup_start_fail: a crash in init reaches the caller', async () => {
    const crash = new Error('no configuration');
    const init = () => {
      throw crash;
    };
    await expect(new Stage().supervise(init)).rejects.toBe(crash);
  });

  it('sup_start_ignore_child: a permanent child that wants nothing keeps its spec, not active', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [stage.child('a', ignoring), stage.child('b')] });
    expect(supervisor.countChildren()).toEqual({ specs: 2, active: 1, supervisors: 0, workers: 2 });
    expect(states(supervisor)).toEqual({ a: 'stopped', b: 'running' });
    expect(supervisor.whichChildren()[0]?.child).toBeNull();
  });

  it('sup_start_ignore_temporary_child: a temporary child that wants nothing leaves no spec', async () => {
    const stage = new Stage();
    const a = stage.child('a', { ...ignoring, restart: 'temporary' });
    const supervisor = await stage.supervise({ children: [a, stage.child('b')] });
    expect(states(supervisor)).toEqual({ b: 'running' });
  });

  it('sup_start_ignore_temporary_child_start_child: nor does one that is added later', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [stage.child('b')] });
    const a = stage.child('a', { ...ignoring, restart: 'temporary' });
    expect(await supervisor.startChild(a)).toBe('ignore');
    expect(states(supervisor)).toEqual({ b: 'running' });
  });

  it('sup_start_ignore_temporary_child_start_child_simple: nor does a dynamic temporary one', async () => {
    const stage = new Stage();
    const template = stage.child('t', { ...ignoring, restart: 'temporary' });
    const supervisor = await stage.supervise({ strategy: 'simple_one_for_one', children: [template] });
    expect(await supervisor.startChild([])).toBe('ignore');
    expect(supervisor.countChildren()).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 0 });
  });

  it('sup_start_ignore_permanent_child_start_child_simple: nor a dynamic permanent one, and the end is clean', async () => {
    const stage = new Stage();
    const template = stage.child('t', ignoring);
    const supervisor = await stage.supervise({ strategy: 'simple_one_for_one', children: [template] });
    expect(await supervisor.startChild([])).toBe('ignore');
    expect(supervisor.whichChildren()).toEqual([]);
    supervisor.shutdown();
    expect(await supervisor.exited).toEqual({ kind: 'shutdown' });
  });

  it('sup_start_child_returns_error: a failed start goes to the caller, and nothing is added', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [] });
    const broken = new Error('broken');
    await expect(supervisor.startChild({ id: 'a', start: () => Promise.reject(broken) })).rejects.toBe(
      broken,
    );
    await expect(supervisor.startChild({ id: 'a', start: () => 7 as never })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
    expect(supervisor.whichChildren()).toEqual([]);
  });

  it('sup_start_restart_child_returns_error: a manual restart that fails keeps the spec, without a child', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [stage.child('a')] });
    await supervisor.terminateChild('a');
    stage.faults.set('a', 1);
    await expect(supervisor.restartChild('a')).rejects.toMatchObject({ code: 'BUS_NACK' });
    expect(states(supervisor)).toEqual({ a: 'stopped' });
    expect(supervisor.whichChildren()[0]?.child).toBeNull();
  });

  it('sup_start_child_returns_error_simple: so with dynamic children', async () => {
    const stage = new Stage();
    stage.faults.set('t', 1);
    const supervisor = await stage.supervise({
      strategy: 'simple_one_for_one',
      children: [stage.child('t')],
    });
    await expect(supervisor.startChild([])).rejects.toMatchObject({ code: 'BUS_NACK' });
    expect(supervisor.whichChildren()).toEqual([]);
    expect(supervisor.flags.strategy).toBe('simple_one_for_one');
  });

  it('sup_start_map: defaults are filled in and can be read back', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({
      children: [
        stage.child('w'),
        stage.branch('s', { children: [] }),
        stage.child('x', { shutdown: 'brutal_kill' }),
      ],
    });
    expect(supervisor.flags).toEqual({
      strategy: 'one_for_one',
      intensity: 1,
      periodMs: 5000,
      autoShutdown: 'never',
      backoff: null,
      giveUp: null,
    });
    const worker = { restart: 'permanent', shutdown: 5000, type: 'worker', significant: false };
    expect(supervisor.childSpec('w')).toMatchObject({ id: 'w', ...worker });
    expect(supervisor.childSpec('s')).toMatchObject({ shutdown: 'infinity', type: 'supervisor' });
    expect(supervisor.childSpec('x')).toMatchObject({ ...worker, shutdown: 'brutal_kill' });
  });

  it('sup_start_map_simple: so for a template', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({
      strategy: 'simple_one_for_one',
      children: [stage.child('t')],
    });
    const child = await supervisor.startChild([]);
    if (child === 'ignore') throw new Error('expected a child');
    expect(supervisor.childSpec(child)).toMatchObject({ id: 't', restart: 'permanent', shutdown: 5000 });
  });

  it('sup_start_map_faulty_specs: no id, no start, no spec are refused by field; unknown keys are ignored', async () => {
    const stage = new Stage();
    const start = () => 'ignore' as const;
    const refused = (spec: unknown) => stage.supervise({ children: [spec as never] });
    await expect(refused({ start })).rejects.toMatchObject({ details: { field: 'id' } });
    await expect(refused({ id: 'a' })).rejects.toMatchObject({ details: { field: 'start', child: 'a' } });
    await expect(refused(null)).rejects.toMatchObject({ details: { field: 'children' } });
    expect(() => resolveChildSpecs([{ id: 'a', start, colour: 'red' } as never])).not.toThrow();
    expect(stage.journal).toEqual([]);
  });
});
