/** Every restart type × exit reason × strategy, generated. What is expected stands in two tables, written from OTP's documents. */
import { describe, expect, it } from 'vitest';
import type { ExitReason, RestartType } from '../../../device/otp/child.ts';
import type { Strategy } from '../../../device/otp/supervisor-spec.ts';
import { fateOf, fault, Stage } from './stage.ts';

const REASONS: Record<string, ExitReason> = {
  normal: { kind: 'normal' },
  shutdown: { kind: 'shutdown' },
  'shutdown with details': { kind: 'shutdown', detail: 'configuration changed' },
  killed: { kind: 'killed' },
  error: fault('x'),
};

/** Which reasons bring a child back. */
const BACK: Record<RestartType, string[]> = {
  permanent: ['normal', 'shutdown', 'shutdown with details', 'killed', 'error'],
  transient: ['killed', 'error'],
  temporary: [],
};

/** Who is stopped and started when x, in the middle, comes back. */
const TAKEN: Record<Exclude<Strategy, 'simple_one_for_one'>, string[]> = {
  one_for_one: ['x'],
  one_for_all: ['before', 'x', 'after'],
  rest_for_one: ['x', 'after'],
};

const TYPES = Object.keys(BACK) as RestartType[];

describe.each(TYPES)('a %s child', (restart) => {
  describe.each(Object.keys(REASONS))('that ends with %s', (name) => {
    const reason = REASONS[name] as ExitReason;
    const back = BACK[restart].includes(name);

    it.each(Object.keys(TAKEN) as (keyof typeof TAKEN)[])('under %s', async (strategy) => {
      const stage = new Stage();
      const children = [stage.child('before'), stage.child('x', { restart }), stage.child('after')];
      const supervisor = await stage.supervise({ strategy, children });
      stage.seen();
      await stage.end('x', reason);
      const taken = back ? TAKEN[strategy] : [];
      const others = taken.filter((id) => id !== 'x');
      expect(stage.seen()).toEqual([
        `- x ${reason.kind}`,
        ...others.toReversed().map((id) => `- ${id} shutdown`),
        ...taken.map((id) => `+ ${id}`),
      ]);
      expect(supervisor.whichChildren().map(({ id }) => id)).toEqual(
        restart === 'temporary' ? ['before', 'after'] : ['before', 'x', 'after'],
      );
      expect(supervisor.countChildren().active).toBe(back ? 3 : 2);
      expect(await fateOf(supervisor)).toBe('running');
    });

    it('under simple_one_for_one', async () => {
      const stage = new Stage();
      const children = [stage.child('x', { restart })];
      const supervisor = await stage.supervise({ strategy: 'simple_one_for_one', children });
      await supervisor.startChild(['sibling']);
      await supervisor.startChild(['x']);
      await stage.end('x', reason);
      expect(stage.all('x').map(({ args }) => args[0])).toEqual(
        back ? ['sibling', 'x', 'x'] : ['sibling', 'x'],
      );
      expect(supervisor.whichChildren()).toHaveLength(back ? 2 : 1);
      expect(stage.all('x')[0]?.ended).toBeNull();
    });

    it('with no restarts allowed', async () => {
      const stage = new Stage();
      const children = [stage.child('before'), stage.child('x', { restart })];
      const supervisor = await stage.supervise({ intensity: 0, children });
      await stage.end('x', reason);
      const spent = { kind: 'shutdown', detail: expect.stringContaining('"x" had to be restarted') };
      expect(await fateOf(supervisor)).toEqual(back ? spent : 'running');
      expect(stage.alive('before')).toBe(!back);
    });
  });
});
