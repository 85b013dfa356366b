import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  campaignStep,
  newRow,
  type CampaignAction,
  type CampaignEvent,
} from '../../../src/core/firmware/campaign-machine.ts';
import { campaignSchema, type Campaign, type CampaignStage } from '../../../src/shared/campaign.ts';
import { errorToWire, MusterError } from '../../../src/shared/errors.ts';
import { firmwareFile } from '../../support/firmware-file.ts';

const ACTIVE: readonly CampaignStage[] = ['checking', 'sending', 'installing', 'trial'];
const ENDS: readonly CampaignStage[] = [
  'confirmed',
  'current',
  'rolled-back',
  'failed',
  'unknown',
  'cancelled',
];
const FAILED: readonly CampaignStage[] = ['rolled-back', 'failed', 'unknown'];

const lost = errorToWire(new MusterError('CONNECTION_LOST', 'cut'));

function made(online: boolean[], more: Partial<Campaign> = {}): Campaign {
  return {
    id: 'push-1',
    files: [firmwareFile()],
    state: 'running',
    reason: null,
    startedAt: 0,
    endedAt: null,
    canary: 1,
    cap: 3,
    maxFailures: 1,
    rows: online.map((is, i) => newRow(`d${i}`, `Device ${i}`, is)),
    ...more,
  };
}

function run(campaign: Campaign, events: CampaignEvent[]): { campaign: Campaign; actions: CampaignAction[] } {
  const actions: CampaignAction[] = [];
  for (const event of events) {
    const step = campaignStep(campaign, event);
    campaign = step.campaign;
    actions.push(...step.actions);
  }
  return { campaign, actions };
}

const start: CampaignEvent = { type: 'start', at: 0 };
const ended = (device: string, end: 'confirmed' | 'failed' | 'rolled-back'): CampaignEvent => ({
  type: 'ended',
  device,
  end,
  detail: null,
  error: null,
  at: 1,
});
const stages = ({ rows }: Campaign) => rows.map(({ stage }) => stage);
const count = ({ rows }: Campaign, wanted: readonly CampaignStage[]) =>
  rows.filter(({ stage }) => wanted.includes(stage)).length;

const campaigns = fc
  .record({
    online: fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
    canary: fc.integer({ min: 0, max: 4 }),
    cap: fc.integer({ min: 1, max: 4 }),
    maxFailures: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ online, ...more }) => made(online, more));

/** Events of any kind for any row, whether they fit or not. */
const anyEvent: fc.Arbitrary<CampaignEvent> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .tuple(
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom(
          'seen',
          'committed',
          'untouched',
          'lost',
          'sending',
          'trial',
          'facts',
          'confirmed',
          'current',
          'rolled-back',
          'failed',
          'unknown',
        ),
      )
      .map(([i, kind]): CampaignEvent => {
        const at = 5;
        const device = `d${i}`;
        switch (kind) {
          case 'seen':
          case 'committed':
          case 'untouched':
            return { type: kind, device, at };
          case 'lost':
            return { type: 'lost', device, error: lost, at };
          case 'sending':
          case 'trial':
            return { type: 'told', device, stage: kind, facts: { sent: 5 }, at };
          case 'facts':
            return { type: 'told', device, facts: { detail: 'x' }, at };
          default:
            return { type: 'ended', device, end: kind, detail: null, error: null, at };
        }
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('cancel' as const, 'retry' as const, 'resume' as const)
      .map((type): CampaignEvent => ({ type, at: 5 })),
  },
);

const histories = fc.array(anyEvent, { maxLength: 120 });

/** Every step of a history: before, event, after, actions. */
function* steps(campaign: Campaign, events: CampaignEvent[]) {
  for (const event of [start, ...events]) {
    const before = campaign;
    const { campaign: after, actions } = campaignStep(before, event);
    campaign = after;
    yield { before, event, after, actions };
  }
}

type Step = { before: Campaign; event: CampaignEvent; after: Campaign; actions: CampaignAction[] };

/** Runs histories of any campaign and throws what `wrong` finds amiss with a step; it answers false for nothing. */
function always(wrong: (step: Step, campaign: Campaign) => string | false): void {
  const holds = fc.property(campaigns, histories, (campaign, events) => {
    for (const step of steps(campaign, events)) {
      const fault = wrong(step, campaign);
      if (fault !== false) throw new Error(fault);
    }
  });
  fc.assert(holds, { numRuns: 300 });
}

const devicesOf = (actions: CampaignAction[], wanted: CampaignAction['type']) =>
  actions.filter(({ type }) => type === wanted).map(({ device }) => device);

describe('the campaign machine, whatever happens', () => {
  it('has never more than the cap under way, and says what a shell may be told', () => {
    expect(() =>
      always(({ after }, { cap }) => {
        if (!campaignSchema.safeParse(after).success) return 'not to be told';
        return count(after, ACTIVE) > cap && `${count(after, ACTIVE)} under way`;
      }),
    ).not.toThrow();
  });

  it('begins exactly the rows that enter checking, once, and stops exactly those that it withdraws', () => {
    expect(() =>
      always(({ before, event, after, actions }) => {
        const was = (i: number) => before.rows[i]!.stage;
        const begun = devicesOf(actions, 'begin');
        const entered = after.rows.filter(
          // a row that was being checked when an engine died is begun again
          ({ stage }, i) => stage === 'checking' && (was(i) !== 'checking' || event.type === 'resume'),
        );
        const withdrawn = after.rows.filter(
          ({ stage }, i) => stage === 'cancelled' && ['checking', 'sending'].includes(was(i)),
        );
        const ids = (rows: typeof entered) => rows.map(({ device }) => device).join(' ');
        if (begun.join(' ') !== ids(entered)) return `begun ${begun.join(' ')}, entered ${ids(entered)}`;
        return devicesOf(actions, 'stop').join(' ') !== ids(withdrawn) && `withdrawn ${ids(withdrawn)}`;
      }),
    ).not.toThrow();
  });

  it('begins nobody beyond the canaries before so many have proven it', () => {
    expect(() =>
      always(({ after, actions }, { canary }) => {
        const proven = count(after, ['confirmed', 'current']);
        const active = count(after, ACTIVE);
        return (
          proven < canary &&
          devicesOf(actions, 'begin').length > 0 &&
          active > canary - proven &&
          `${active} at once, ${proven} of ${canary} proven`
        );
      }),
    ).not.toThrow();
  });

  it('begins nobody once it is over, stopped, cancelled or has failed too often', () => {
    expect(() =>
      always(({ after, actions }, { maxFailures }) => {
        const begun = devicesOf(actions, 'begin').length > 0;
        const failed = count(after, FAILED);
        if (begun && (after.state !== 'running' || failed >= maxFailures)) return `${failed} failed`;
        if (after.state !== 'running' && count(after, ['waiting', 'offline']) > 0)
          return 'somebody waits for ever';
        const all = count(after, ENDS) === after.rows.length;
        return (after.endedAt !== null) !== all && `ended at ${after.endedAt}`;
      }),
    ).not.toThrow();
  });

  it('leaves an end only by retry, and retry touches the failed only', () => {
    expect(() =>
      always(({ before, event, after }) => {
        const moved = before.rows.filter(({ stage }, i) => {
          const now = after.rows[i]!;
          if (!ENDS.includes(stage) || now === before.rows[i]) return false;
          const again = event.type === 'retry' && FAILED.includes(stage);
          return !(again && ['waiting', 'checking'].includes(now.stage)) && now.stage !== stage;
        });
        return moved.length > 0 && `${event.type} moved ${moved.map(({ stage }) => stage).join(', ')}`;
      }),
    ).not.toThrow();
  });

  it('never withdraws a device that may have restarted', () => {
    expect(() =>
      always(({ before, event, after }) => {
        const withdrawn = before.rows.filter(
          ({ stage }, i) => ['installing', 'trial'].includes(stage) && after.rows[i]!.stage === 'cancelled',
        );
        // unless it says itself that it has not been touched
        return withdrawn.length > 0 && event.type !== 'untouched' && event.type;
      }),
    ).not.toThrow();
  });

  it('comes to an end when every device does its part', () => {
    fc.assert(
      fc.property(campaigns, histories, fc.boolean(), (campaign, events, resumed) => {
        let state = run(campaign, [start, ...events]).campaign;
        if (resumed) state = campaignStep(state, { type: 'resume', at: 9 }).campaign;
        for (let turn = 0; turn < 40 && state.endedAt === null; turn++)
          for (const { device, stage } of state.rows) {
            if (stage === 'offline') state = campaignStep(state, { type: 'seen', device, at: 9 }).campaign;
            if (ACTIVE.includes(stage)) state = campaignStep(state, ended(device, 'confirmed')).campaign;
          }
        expect(count(state, ENDS)).toBe(state.rows.length);
        expect(state.state).not.toBe('running');
      }),
    );
  });
});

describe('the campaign machine', () => {
  it('sends to a canary, then to as many as the cap allows', () => {
    const first = run(made([true, true, true, true, true]), [start]);
    expect(first.actions).toEqual([{ type: 'begin', device: 'd0' }]);
    const second = run(first.campaign, [ended('d0', 'confirmed')]);
    expect(second.actions.map(({ device }) => device)).toEqual(['d1', 'd2', 'd3']);
    expect(stages(second.campaign)).toEqual(['confirmed', 'checking', 'checking', 'checking', 'waiting']);
  });

  it('takes the next that is there as canary when the first is offline', () => {
    const { campaign, actions } = run(made([false, true, true]), [start]);
    expect(actions).toEqual([{ type: 'begin', device: 'd1' }]);
    expect(stages(campaign)).toEqual(['offline', 'checking', 'waiting']);
  });

  it('stops when the canary fails: the others stay as they are, in words', () => {
    const { campaign } = run(made([true, true, false]), [
      start,
      { type: 'committed', device: 'd0', at: 1 },
      ended('d0', 'rolled-back'),
    ]);
    expect(campaign).toMatchObject({ state: 'stopped', reason: '1 of 3 devices failed', endedAt: 1 });
    expect(stages(campaign)).toEqual(['rolled-back', 'cancelled', 'cancelled']);
    expect(campaign.rows[1]?.detail).toBe('not begun: the push was stopped after a failure');
  });

  it('is cancelled: who is sent to stops, who has restarted is awaited', () => {
    const before = run(made([true, true, true, true], { canary: 0, cap: 3 }), [
      start,
      { type: 'told', device: 'd1', stage: 'sending', facts: { sent: 7 }, at: 1 },
      { type: 'committed', device: 'd2', at: 1 },
    ]);
    const { campaign, actions } = run(before.campaign, [{ type: 'cancel', at: 2 }]);
    expect(actions).toEqual([
      { type: 'stop', device: 'd0' },
      { type: 'stop', device: 'd1' },
    ]);
    expect(stages(campaign)).toEqual(['cancelled', 'cancelled', 'installing', 'cancelled']);
    expect(campaign.endedAt).toBe(null);
    const after = run(campaign, [ended('d2', 'confirmed')]).campaign;
    expect(after).toMatchObject({ state: 'cancelled', endedAt: 1 });
  });

  it('goes on after the engine died: follows who may have restarted, begins the others anew', () => {
    const before = run(made([true, true, true, true], { canary: 0, cap: 3 }), [
      start,
      { type: 'told', device: 'd0', stage: 'sending', facts: { sent: 7, total: 9 }, at: 1 },
      { type: 'committed', device: 'd1', at: 1 },
    ]).campaign;
    const { campaign, actions } = run(before, [{ type: 'resume', at: 2 }]);
    expect(actions).toEqual([
      { type: 'follow', device: 'd1' },
      { type: 'begin', device: 'd0' },
      { type: 'begin', device: 'd2' },
    ]);
    expect(campaign.rows[0]).toMatchObject({ stage: 'checking', sent: 7, total: 9 });
  });

  it('tries the failed again from nothing, and ends as done', () => {
    const stopped = run(made([true, true]), [start, ended('d0', 'failed')]).campaign;
    const again = run(stopped, [{ type: 'retry', at: 3 }]);
    expect(again.actions).toEqual([{ type: 'begin', device: 'd0' }]);
    const { campaign } = run(again.campaign, [ended('d0', 'confirmed')]);
    expect(stages(campaign)).toEqual(['confirmed', 'cancelled']);
    expect(campaign).toMatchObject({ state: 'done', endedAt: 1 });
  });
});
