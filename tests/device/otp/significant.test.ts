/** Significant children and automatic shutdown. Names are those of OTP's supervisor_SUITE. */
import { describe, expect, it } from 'vitest';
import { type Child, NORMAL } from '../../../device/otp/child.ts';
import type { AutoShutdown } from '../../../device/otp/supervisor-spec.ts';
import { fateOf, fault, type Puppet, Stage } from './stage.ts';

const ended = { kind: 'shutdown', detail: expect.stringContaining('significant child') };
const significant = { significant: true };

describe('children that are not significant', () => {
  it.each(['never', 'any_significant', 'all_significant'] as const)(
    'nonsignificant_temporary: never end their supervisor (%s)',
    async (autoShutdown) => {
      const stage = new Stage();
      const supervisor = await stage.supervise({
        autoShutdown,
        children: [stage.child('a', { restart: 'temporary' })],
      });
      await stage.end('a', NORMAL);
      expect(await fateOf(supervisor)).toBe('running');
    },
  );
  it.each(['never', 'any_significant', 'all_significant'] as const)(
    'nonsignificant_transient: never end their supervisor (%s)',
    async (autoShutdown) => {
      const stage = new Stage();
      const supervisor = await stage.supervise({
        autoShutdown,
        children: [stage.child('a', { restart: 'transient' })],
      });
      await stage.end('a', fault('a'));
      await stage.end('a', NORMAL);
      expect(await fateOf(supervisor)).toBe('running');
    },
  );
});

/** Two significant children beside one that is not. */
async function pair(autoShutdown: AutoShutdown, restart: 'temporary' | 'transient') {
  const stage = new Stage();
  const more = { restart, ...significant };
  const children = [stage.child('a', more), stage.child('b', more), stage.child('plain')];
  return { stage, supervisor: await stage.supervise({ autoShutdown, intensity: 5, children }) };
}

describe('significant children', () => {
  it('significant_temporary: any end by itself counts, a stop by call never; all_ waits for the last', async () => {
    for (const reason of [NORMAL, fault('a')]) {
      const { stage, supervisor } = await pair('any_significant', 'temporary');
      await stage.end('a', reason);
      expect(await fateOf(supervisor)).toEqual(ended);
      expect(stage.now('plain').ended).toEqual({ kind: 'shutdown' });
    }
    const { stage, supervisor } = await pair('all_significant', 'temporary');
    await stage.end('a');
    expect(await fateOf(supervisor)).toBe('running');
    await stage.end('b', NORMAL);
    expect(await fateOf(supervisor)).toEqual(ended);

    const byCall = await pair('any_significant', 'temporary');
    await byCall.supervisor.terminateChild('a');
    await byCall.supervisor.terminateChild('b');
    expect(await fateOf(byCall.supervisor)).toBe('running');
  });

  it('significant_transient: a normal end counts, a fault is restarted; all_ waits for the last', async () => {
    const { stage, supervisor } = await pair('any_significant', 'transient');
    await stage.end('a');
    expect(await fateOf(supervisor)).toBe('running');
    expect(stage.all('a')).toHaveLength(2);
    await stage.end('a', NORMAL);
    expect(await fateOf(supervisor)).toEqual(ended);

    const all = await pair('all_significant', 'transient');
    await all.stage.end('b', NORMAL);
    await all.stage.end('a');
    expect(await fateOf(all.supervisor)).toBe('running');
    await all.stage.end('a', NORMAL);
    expect(await fateOf(all.supervisor)).toEqual(ended);

    const byCall = await pair('all_significant', 'transient');
    await byCall.supervisor.terminateChild('a');
    expect(await fateOf(byCall.supervisor)).toBe('running');
    await byCall.stage.end('b', NORMAL);
    expect(await fateOf(byCall.supervisor)).toEqual(ended);
  });

  it('significant_simple: so for dynamic children', async () => {
    for (const restart of ['temporary', 'transient'] as const) {
      for (const autoShutdown of ['any_significant', 'all_significant'] as const) {
        const stage = new Stage();
        const children = [stage.child('t', { restart, ...significant })];
        const supervisor = await stage.supervise({ strategy: 'simple_one_for_one', autoShutdown, children });
        const first = (await supervisor.startChild([1])) as Puppet;
        const second = (await supervisor.startChild([2])) as Puppet;
        const third = (await supervisor.startChild([3])) as Puppet;
        await supervisor.terminateChild(third);
        expect(await fateOf(supervisor)).toBe('running');
        first.end(NORMAL);
        await stage.quiet();
        expect((await fateOf(supervisor)) === 'running').toBe(autoShutdown === 'all_significant');
        second.end(NORMAL);
        await stage.quiet();
        expect(await fateOf(supervisor)).toEqual(ended);
      }
    }
  });

  it('significant_bystander: an end that a sibling caused never counts', async () => {
    for (const strategy of ['one_for_all', 'rest_for_one'] as const) {
      for (const autoShutdown of ['any_significant', 'all_significant'] as const) {
        const stage = new Stage();
        const bystander = stage.child('t', { restart: 'temporary', ...significant }, { onShutdown: NORMAL });
        const supervisor = await stage.supervise({
          strategy,
          autoShutdown,
          children: [stage.child('a'), bystander],
        });
        await stage.end('a');
        expect(stage.now('t').ended).toEqual(NORMAL);
        expect(await fateOf(supervisor)).toBe('running');
      }
    }
  });

  it('significant_escalation: the chain goes on upward only through significant supervisors', async () => {
    for (const up of [true, false]) {
      const stage = new Stage();
      const leaf = stage.child('leaf', { restart: 'temporary', ...significant });
      const inner = stage.branch(
        'inner',
        { autoShutdown: 'any_significant', children: [leaf, stage.child('sibling')] },
        { restart: 'transient', significant: up },
      );
      const supervisor = await stage.supervise({
        autoShutdown: 'any_significant',
        children: [inner, stage.child('b')],
      });
      await stage.end('leaf', NORMAL);
      expect(stage.alive('sibling')).toBe(false);
      expect(await fateOf(supervisor)).toEqual(up ? ended : 'running');
      expect(stage.alive('b')).toBe(!up);
    }
  });
});

describe('changing significance while children run', () => {
  /** Three temporary significant children; changes the flag from `from` to `to` with them running. */
  async function upgraded(from: AutoShutdown, to: AutoShutdown) {
    const stage = new Stage();
    const ids = ['a', 'b', 'c'];
    const specs = (flag: AutoShutdown) =>
      ids.map((id) => stage.child(id, { restart: 'temporary', significant: flag !== 'never' }));
    const supervisor = await stage.supervise({ autoShutdown: from, children: specs(from) });
    const wrong = supervisor.change({ autoShutdown: 'never', children: specs('any_significant') });
    await expect(wrong).rejects.toMatchObject({ code: 'BAD_INPUT', details: { field: 'significant' } });
    expect(supervisor.flags.autoShutdown).toBe(from);
    const before: (Child | null)[] = supervisor.whichChildren().map(({ child }) => child);
    await supervisor.change({ autoShutdown: to, children: specs(to) });
    expect(supervisor.whichChildren().map(({ child }) => child)).toEqual(before);
    return { stage, supervisor };
  }

  const TRIGGERED_BY: Record<AutoShutdown, string | null> = {
    never: null,
    any_significant: 'a',
    all_significant: 'c',
  };

  it.each([
    ['significant_upgrade_never_any', 'never', 'any_significant'],
    ['significant_upgrade_any_never', 'any_significant', 'never'],
    ['significant_upgrade_never_all', 'never', 'all_significant'],
    ['significant_upgrade_all_never', 'all_significant', 'never'],
    ['significant_upgrade_any_all', 'any_significant', 'all_significant'],
    ['significant_upgrade_all_any', 'all_significant', 'any_significant'],
  ] as const)('%s: the new rule holds for the children that run', async (_name, from, to) => {
    const { stage, supervisor } = await upgraded(from, to);
    let triggeredBy: string | null = null;
    for (const id of ['a', 'b', 'c']) {
      await stage.end(id, NORMAL);
      if ((await fateOf(supervisor)) !== 'running') triggeredBy ??= id;
    }
    expect(triggeredBy).toBe(TRIGGERED_BY[to]);
  });

  it('significant_upgrade_child: a running child can become significant, and stop being so', async () => {
    for (const to of [true, false]) {
      const stage = new Stage();
      const child = (is: boolean) => stage.child('a', { restart: 'transient', significant: is });
      const supervisor = await stage.supervise({ autoShutdown: 'any_significant', children: [child(!to)] });
      await supervisor.change({ autoShutdown: 'any_significant', children: [child(to)] });
      expect(stage.all('a')).toHaveLength(1);
      await stage.end('a', NORMAL);
      expect(await fateOf(supervisor)).toEqual(to ? ended : 'running');
    }
  });
});
