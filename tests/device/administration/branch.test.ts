/** The way down a tree, over supervisors here and branches elsewhere. */
import { describe, expect, it } from 'vitest';
import { administer } from '../../../device/administration/branch.ts';
import { startActor } from '../../../device/otp/actor.ts';
import type { ChildSpec } from '../../../device/otp/child.ts';
import { startSupervisor } from '../../../device/otp/supervisor.ts';
import { Ticker } from '../../../device/otp/ticker.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const clock = new FakeClock();
const ticker = new Ticker(clock);
const worker = (id: string): ChildSpec => ({ id, start: () => startActor({}, ticker) });

async function tree(asked: string[]) {
  const remote: ChildSpec = {
    id: 'host',
    start: () =>
      Object.assign(startActor({}, ticker), {
        administer: (path: string, deed: string) => {
          asked.push(`${deed} ${path}`);
          return Promise.resolve();
        },
      }),
  };
  const branch: ChildSpec = {
    id: 'branch',
    type: 'supervisor',
    start: (context) => startSupervisor({ children: [worker('a'), remote] }, context),
  };
  const root = await startSupervisor({ children: [branch] }, { clock });
  return { root, state: (path: string) => root.rows().find((row) => row.path === `root/${path}`)?.state };
}

describe('administering', () => {
  it('stops and starts a child, as often as it is asked', async () => {
    const { root, state } = await tree([]);
    for (const deed of ['stop', 'stop', 'start', 'start'] as const) {
      await administer(root, 'branch/a', deed);
      expect(state('branch/a')).toBe(deed === 'stop' ? 'stopped' : 'running');
    }
    await administer(root, 'branch', 'stop');
    expect(state('branch')).toBe('stopped');
  });

  it('hands the rest of the way to a branch that lives elsewhere', async () => {
    const asked: string[] = [];
    const { root, state } = await tree(asked);
    await administer(root, 'branch/host/bus/air', 'stop');
    await administer(root, 'branch/host/air', 'start');
    expect(asked).toEqual(['stop bus/air', 'start air']);
    await administer(root, 'branch/host', 'stop');
    expect(state('branch/host')).toBe('stopped');
  });

  it.each(['nosuch', 'branch/nosuch', 'nosuch/a', 'branch/a/b'])('refuses %s', async (path) => {
    const { root } = await tree([]);
    await expect(administer(root, path, 'stop')).rejects.toMatchObject({
      code: 'BAD_INPUT',
      details: { refused: 'not_found' },
    });
  });
});
