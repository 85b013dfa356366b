import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  TRIAL_START,
  trialStep,
  type TrialAction,
  type TrialEvent,
  type TrialState,
} from '../../../device/firmware/trial-machine.ts';

const LIMITS = { trialMs: 360_000, graceMs: 300_000, steadyMs: 20_000, settleMs: 60_000 };

/** Feeds looks every second, `unmet` by second, a hello at `greetedAt`; what was done, and when. */
function run(unmet: (second: number) => string | null, greetedAt: number | null, seconds = 400) {
  let state: TrialState = TRIAL_START;
  for (let second = 1; second <= seconds; second++) {
    const events: TrialEvent[] = [{ kind: 'looked', atMs: second * 1000, unmet: unmet(second) }];
    if (second === greetedAt) events.unshift({ kind: 'greeted' });
    for (const event of events) {
      const [next, actions] = trialStep(state, event, LIMITS);
      state = next;
      const [action] = actions;
      if (action) return { second, ...action };
    }
  }
  return null;
}

describe('a trial', () => {
  it.each<[string, (second: number) => string | null, number | null, number, TrialAction]>([
    [
      'healthy and seen is kept after its steady time',
      () => null,
      3,
      21,
      { kind: 'confirm', reason: 'healthy, and a laptop has seen it' },
    ],
    [
      'healthy is kept as soon as a laptop comes',
      () => null,
      100,
      100,
      { kind: 'confirm', reason: 'healthy, and a laptop has seen it' },
    ],
    [
      'healthy and never seen is kept after the grace',
      () => null,
      null,
      300,
      { kind: 'confirm', reason: 'healthy for 5 min, no laptop came' },
    ],
    [
      'that gets healthy late is kept then',
      (second) => (second < 50 ? 'x' : null),
      1,
      70,
      { kind: 'confirm', reason: 'healthy, and a laptop has seen it' },
    ],
    [
      'never healthy is given up after its settling time',
      () => 'the sensor air did not measure',
      1,
      61,
      { kind: 'roll-back', reason: 'the sensor air did not measure for 60 s' },
    ],
    [
      'that falls ill while it waits for a laptop is given up',
      (second) => (second > 200 ? 'x' : null),
      null,
      261,
      { kind: 'roll-back', reason: 'x for 60 s' },
    ],
    [
      'that is up and down is given up in the end',
      (second) => (second % 10 === 0 ? 'x' : null),
      1,
      360,
      { kind: 'roll-back', reason: 'x when 6 min were over' },
    ],
  ])('%s', (_, unmet, greetedAt, second, action) => {
    expect(run(unmet, greetedAt)).toEqual({ second, ...action });
  });

  it('is given up when a person says so', () => {
    const [state, actions] = trialStep(TRIAL_START, { kind: 'given-up', reason: 'a person' }, LIMITS);
    expect(actions).toEqual([{ kind: 'roll-back', reason: 'a person' }]);
    expect(state.phase).toBe('over');
  });

  it('decides exactly once, by its time at the latest, and never keeps what was not healthy just before', () => {
    const event = fc.oneof(
      fc.constant<TrialEvent>({ kind: 'greeted' }),
      fc.record({
        kind: fc.constant('looked' as const),
        atMs: fc.constant(0),
        unmet: fc.option(fc.constant('x'), { freq: 8 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(event, { minLength: 400, maxLength: 800 }), (events) => {
        let state: TrialState = TRIAL_START;
        const done: TrialAction[] = [];
        const looks: (string | null)[] = [];
        let well: (string | null)[] = Array.from({ length: 20 }, () => null);
        let atMs = 0;
        for (const one of events) {
          const event = one.kind === 'looked' ? { ...one, atMs: (atMs += 1000) } : one;
          const before = done.length;
          const [next, actions] = trialStep(state, event, LIMITS);
          if (event.kind === 'looked') looks.push(event.unmet);
          state = next;
          done.push(...actions);
          if (done.length > before && done[0]?.kind === 'confirm') well = looks.slice(-20);
        }
        expect(well).toEqual(Array.from({ length: 20 }, () => null));
        expect(done.length).toBeLessThanOrEqual(1);
        expect(done.length === 1 || atMs < LIMITS.trialMs).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
