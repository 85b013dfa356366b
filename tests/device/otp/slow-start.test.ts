/** Beyond OTP: starts that take time, that never end, and that nobody waits for any more. */
import { describe, expect, it } from 'vitest';
import type { StartContext } from '../../../device/otp/child.ts';
import type { AnyChildSpec } from '../../../device/otp/supervisor-spec.ts';
import { fateOf, Puppet, Stage, states } from './stage.ts';

/** A child whose first start is immediate and whose later ones wait for the test. */
function hesitant(stage: Stage, id: string, more: Partial<AnyChildSpec> = {}) {
  const waiting: { context: StartContext; arrive: () => Puppet; fail: (error: Error) => void }[] = [];
  let starts = 0;
  const plain = stage.child(id);
  const start = (context: StartContext): unknown => {
    if (starts++ === 0) return plain.start(context);
    const { promise, resolve, reject } = Promise.withResolvers<Puppet>();
    const arrive = (): Puppet => {
      const puppet = new Puppet(stage, `${id} late`, {}, []);
      resolve(puppet);
      return puppet;
    };
    waiting.push({ context, arrive, fail: reject });
    return promise;
  };
  return { spec: { ...plain, ...more, start } as AnyChildSpec, waiting };
}

describe('a slow start', () => {
  it('holds up no independent sibling', async () => {
    const stage = new Stage();
    const slow = hesitant(stage, 'slow');
    const supervisor = await stage.supervise({ intensity: 5, children: [slow.spec, stage.child('b')] });
    await stage.end('slow');
    expect(states(supervisor)).toEqual({ slow: 'starting', b: 'running' });
    await stage.end('b');
    expect(stage.all('b')).toHaveLength(2);
    expect(await supervisor.startChild(stage.child('c'))).toBe(stage.now('c'));
    const late = slow.waiting[0]?.arrive();
    await stage.quiet();
    expect(supervisor.find('slow')).toBe(late);
  });

  it('fails when its time is over; who arrives later is killed', async () => {
    const stage = new Stage();
    const slow = hesitant(stage, 'slow', { startTimeoutMs: 1000 });
    const supervisor = await stage.supervise({ intensity: 5, children: [slow.spec] });
    await stage.end('slow');
    const first = slow.waiting[0];
    expect(first?.context.signal.aborted).toBe(false);
    await stage.pass(1000);
    expect(first?.context.signal.reason).toMatchObject({ code: 'TIMEOUT' });
    expect(supervisor.rows()[1]).toMatchObject({
      state: 'starting',
      lastCause: 'TIMEOUT: no start within 1000 ms',
    });
    expect(slow.waiting).toHaveLength(2);
    const late = first?.arrive();
    await stage.quiet();
    expect(late?.ended).toEqual({ kind: 'killed' });
    const second = slow.waiting[1]?.arrive();
    await stage.quiet();
    expect(supervisor.find('slow')).toBe(second);
    expect(stage.clock.pending).toBe(0);
  });

  it('is given up when its child is terminated, and costs no restart', async () => {
    const stage = new Stage();
    const slow = hesitant(stage, 'slow');
    const supervisor = await stage.supervise({ intensity: 1, children: [slow.spec] });
    await stage.end('slow');
    await supervisor.terminateChild('slow');
    expect(states(supervisor)).toEqual({ slow: 'stopped' });
    expect(slow.waiting[0]?.context.signal.aborted).toBe(true);
    const late = slow.waiting[0]?.arrive();
    await stage.quiet();
    expect(late?.ended).toEqual({ kind: 'killed' });
    expect(await fateOf(supervisor)).toBe('running');
  });

  it.each(['one_for_all', 'rest_for_one'] as const)(
    'is given up at once by terminate under %s too, where the supervisor waits for it',
    async (strategy) => {
      const stage = new Stage();
      const slow = hesitant(stage, 'slow');
      const supervisor = await stage.supervise({ strategy, children: [slow.spec, stage.child('b')] });
      await stage.end('slow');
      expect(states(supervisor)).toEqual({ slow: 'starting', b: 'stopped' });
      await supervisor.terminateChild('slow');
      expect(states(supervisor)).toEqual({ slow: 'stopped', b: 'running' });
      expect(stage.clock.monotonic()).toBe(0);
    },
  );

  it('of an added child holds up nobody who adds another', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [] });
    const adding = supervisor.startChild({ id: 'x', start: () => new Promise<never>(() => {}) });
    const refused = adding.catch((error: unknown) => error);
    expect(await supervisor.startChild(stage.child('y'))).toBe(stage.now('y'));
    expect(states(supervisor)).toEqual({ x: 'starting', y: 'running' });
    supervisor.shutdown();
    expect(await refused).toMatchObject({ code: 'CANCELLED' });
  });

  it('of an added child is refused to the caller when it is terminated', async () => {
    const stage = new Stage();
    const supervisor = await stage.supervise({ children: [] });
    const adding = supervisor.startChild({ id: 'x', start: () => new Promise<never>(() => {}) });
    const refused = adding.catch((error: unknown) => error);
    await stage.quiet();
    await supervisor.terminateChild('x');
    expect(await refused).toMatchObject({ code: 'CANCELLED' });
    expect(supervisor.whichChildren()).toEqual([]);
  });

  it.each(['one_for_one', 'one_for_all', 'rest_for_one'] as const)(
    'does not hold up the end of a supervisor under %s',
    async (strategy) => {
      const stage = new Stage();
      const slow = hesitant(stage, 'slow');
      const supervisor = await stage.supervise({
        strategy,
        children: [stage.child('a'), slow.spec, stage.child('b')],
      });
      await stage.end('slow');
      supervisor.shutdown();
      await stage.quiet();
      expect(await fateOf(supervisor)).toEqual({ kind: 'shutdown' });
      const late = slow.waiting[0]?.arrive();
      await stage.quiet();
      expect(late?.ended).toEqual({ kind: 'killed' });
      expect(stage.alive('a') || stage.alive('b')).toBe(false);
      expect(stage.clock.pending).toBe(0);
    },
  );

  it('of a branch is given up whole: what it had started is killed', async () => {
    const stage = new Stage();
    const stuck = {
      id: 'stuck',
      start: () => new Promise<never>(() => {}),
      startTimeoutMs: 'infinity' as const,
    };
    const branch = stage.branch('branch', { children: [stage.child('a'), stuck] }, { startTimeoutMs: 500 });
    const starting = stage.supervise({ children: [branch] });
    const refused = starting.catch((error: unknown) => error);
    await stage.quiet();
    expect(stage.alive('a')).toBe(true);
    await stage.pass(500);
    expect(await refused).toMatchObject({ code: 'TIMEOUT', details: { child: 'branch' } });
    expect(stage.now('a').ended).toEqual({ kind: 'killed' });
  });

  it('that rejects counts as a failed attempt', async () => {
    const stage = new Stage();
    const slow = hesitant(stage, 'slow');
    const supervisor = await stage.supervise({ intensity: 1, children: [slow.spec] });
    await stage.end('slow');
    slow.waiting[0]?.fail(new Error('no answer'));
    await stage.quiet();
    expect(await fateOf(supervisor)).toEqual({
      kind: 'shutdown',
      detail: expect.stringContaining('no answer'),
    });
  });

  it('of a child whose exit is a rejection is an exit by that error', async () => {
    const stage = new Stage();
    const exited = Promise.reject(new Error('broken promise'));
    const child = { exited, shutdown: () => {}, kill: () => {} };
    const supervisor = await stage.supervise({ intensity: 0, children: [{ id: 'x', start: () => child }] });
    await stage.quiet();
    expect(stage.reports[0]).toMatchObject({
      reason: { kind: 'error', error: { message: 'broken promise' } },
    });
    expect(await fateOf(supervisor)).toMatchObject({ kind: 'shutdown' });
  });
});
