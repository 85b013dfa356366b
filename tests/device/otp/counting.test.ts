/** Counting, memory and scale. Names are those of OTP's supervisor_SUITE. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { startActor } from '../../../device/otp/actor.ts';
import { type Child, NORMAL } from '../../../device/otp/child.ts';
import { startSupervisor, type Supervisor } from '../../../device/otp/supervisor.ts';
import type { AnyChildSpec } from '../../../device/otp/supervisor-spec.ts';
import { Ticker } from '../../../device/otp/ticker.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { Stage, states } from './stage.ts';

describe('counting', () => {
  it('count_children: specs and active, for declared and for dynamic children', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({
      intensity: 9,
      children: [stage.child('a'), stage.child('b')],
    });
    expect(supervisor.countChildren()).toEqual({ specs: 2, active: 2, supervisors: 0, workers: 2 });
    await supervisor.terminateChild('a');
    expect(supervisor.countChildren()).toEqual({ specs: 2, active: 1, supervisors: 0, workers: 2 });
    await supervisor.deleteChild('a');
    expect(supervisor.countChildren()).toEqual({ specs: 1, active: 1, supervisors: 0, workers: 1 });

    const dynamic = await stage.supervise({ strategy: 'simple_one_for_one', children: [stage.child('t')] });
    expect(dynamic.countChildren()).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 0 });
    for (let i = 0; i < 1000; i++) await dynamic.startChild([i]);
    expect(dynamic.countChildren()).toEqual({ specs: 1, active: 1000, supervisors: 0, workers: 1000 });
  });

  it('count_children_supervisor: supervisors are counted apart from workers', async () => {
    const stage = new Stage();
    const children = [stage.branch('s', { children: [] }), stage.child('w'), stage.child('v')];
    const supervisor = await stage.supervise({ children });
    expect(supervisor.countChildren()).toEqual({ specs: 3, active: 3, supervisors: 1, workers: 2 });
  });

  it('count_restarting_children: one that fails to restart is counted but not active, and comes back when the fault clears', async () => {
    const stage = new Stage();
    const children = [stage.child('t')];
    const supervisor = await stage.supervise({ strategy: 'simple_one_for_one', intensity: 100, children });
    for (let i = 0; i < 3; i++) await supervisor.startChild([i]);
    stage.faults.set('t', 5);
    stage.all('t')[0]?.end({ kind: 'killed' });
    await stage.quiet();
    expect(supervisor.countChildren()).toEqual({ specs: 1, active: 2, supervisors: 0, workers: 3 });
    expect(states(supervisor)).toEqual({ 't#1': 'restarting', 't#2': 'running', 't#3': 'running' });
    await stage.pass(0);
    expect(supervisor.countChildren()).toEqual({ specs: 1, active: 3, supervisors: 0, workers: 3 });
  });
});

/** Tells whether `make`'s object is let go once nothing but the supervisor could hold it. */
async function isReleased(make: () => Promise<WeakRef<object>>): Promise<boolean> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = await make();
  for (let i = 0; i < 20 && held.deref(); i++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return held.deref() === undefined;
}

const clock = new FakeClock();
const ticker = new Ticker(clock);
const idle = () => startActor({}, ticker);

describe('memory', () => {
  it.each([
    ['temporary', true],
    ['permanent', false],
  ] as const)(
    'do_not_save_start_parameters_for_temporary_children: arguments of a running %s dynamic child are released: %s',
    async (restart, released) => {
      const children = [{ id: 't', restart, start: idle }];
      const supervisor = await startSupervisor({ strategy: 'simple_one_for_one', children }, { clock });
      const start = async () => {
        const argument = { large: new Uint8Array(1000) };
        await supervisor.startChild([argument]);
        return new WeakRef(argument);
      };
      expect(await isReleased(start)).toBe(released);
      expect(supervisor.countChildren().active).toBe(1);
    },
  );

  it.each([
    ['temporary', true],
    ['permanent', false],
  ] as const)(
    'do_not_save_child_specs_for_temporary_children: what a running %s child was started with is released: %s',
    async (restart, released) => {
      const supervisor = await startSupervisor({ children: [] }, { clock });
      const add = async () => {
        const large = { bytes: new Uint8Array(1000) };
        await supervisor.startChild({
          id: 'a',
          restart,
          start: () => (large.bytes.length > 0 ? idle() : 'ignore'),
        });
        return new WeakRef(large);
      };
      expect(await isReleased(add)).toBe(released);
      expect(supervisor.countChildren().active).toBe(1);
    },
  );

  it('do_not_save_child_specs_for_temporary_children: the id of one that ended may be used again', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [] });
    for (let i = 0; i < 100; i++) {
      await supervisor.startChild(stage.child('a', { restart: 'temporary' }));
      await stage.end('a', NORMAL);
    }
    expect(supervisor.countChildren()).toEqual({ specs: 0, active: 0, supervisors: 0, workers: 0 });
  });
});

/** CPU milliseconds, not those of a busy machine's clock, to start `n` children one by one and stop them by `stop`. */
async function timeFor(
  n: number,
  child: Partial<AnyChildSpec>,
  stop: (s: Supervisor, all: Child[]) => Promise<void>,
) {
  const children = [{ id: 't', start: idle, ...child }];
  const supervisor = await startSupervisor({ strategy: 'simple_one_for_one', children }, { clock });
  const begun = process.cpuUsage();
  const all: Child[] = [];
  for (let i = 0; i < n; i++) all.push((await supervisor.startChild([])) as Child);
  expect(supervisor.countChildren().active).toBe(n);
  await stop(supervisor, all);
  const ms = process.cpuUsage(begun).user / 1000;
  expect(supervisor.countChildren().active).toBe(0);
  return ms;
}

describe('scale', () => {
  // Ten times the children may take more than ten times the work where memory is collected, but never a hundred times.
  it('simple_one_for_one_scale_many_temporary_children: 10,000 that end by themselves cost about ten times 1,000', async () => {
    const stop = async (supervisor: Supervisor, all: Child[]) => {
      for (const child of all) child.kill();
      while (supervisor.countChildren().active > 0) await Promise.resolve();
    };
    const temporary = { restart: 'temporary' } as const;
    await timeFor(1000, temporary, stop);
    const thousand = await timeFor(1000, temporary, stop);
    expect(await timeFor(10_000, temporary, stop)).toBeLessThan(Math.max(thousand, 5) * 50);
  });

  it('scale_start_stop_many_children: 100,000 started and stopped cost about ten times 10,000', async () => {
    const stop = async (supervisor: Supervisor) => {
      supervisor.shutdown();
      await supervisor.exited;
    };
    const tenThousand = await timeFor(10_000, {}, stop);
    expect(await timeFor(100_000, {}, stop)).toBeLessThan(Math.max(tenThousand, 20) * 50);
  });
});

it('simple_global_supervisor: a path leads to the living one again after its worker or its supervisor was killed', async () => {
  const stage = new Stage();
  const inner = stage.branch('inner', { children: [stage.child('a')] });
  const supervisor = await stage.supervise({ intensity: 5, children: [inner] });
  const worker = supervisor.find('inner/a');
  const branch = supervisor.find('inner');
  worker?.kill();
  await stage.quiet();
  const second = supervisor.find('inner/a');
  expect(second).not.toBe(worker);
  expect(second).toBe(stage.now('a'));
  expect(supervisor.find('inner')).toBe(branch);
  branch?.kill();
  await stage.quiet();
  expect(supervisor.find('inner')).not.toBe(branch);
  expect(supervisor.find('inner/a')).toBe(stage.now('a'));
  expect(stage.all('a')).toHaveLength(3);
  expect(supervisor.find('inner/b')).toBeNull();
  expect(supervisor.find('outer/a')).toBeNull();
});
