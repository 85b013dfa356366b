/** What firmware on trial has to show, row by row, as a person reads it. Pure. */
import type { Trial } from '../../src/shared/firmware.ts';
import { brokenPart, looseOutputs, silentSensors, type Expected, type Observed } from '../health/demands.ts';
import type { TrialLimits, TrialState } from './trial-machine.ts';

type Gate = Trial['gates'][number];

/** The rows that are shown. `seen` null: nobody has looked yet. */
export function gates(
  seen: Observed | null,
  expected: Expected,
  state: TrialState,
  limits: TrialLimits,
  nowMs: number,
): Gate[] {
  const part = seen && brokenPart(seen.tree);
  const silent = seen ? silentSensors(seen, expected.sensors) : expected.sensors;
  const loose = seen ? looseOutputs(seen, expected.outputs).map(({ output }) => output) : expected.outputs;
  const wellMs = state.wellSinceMs === null ? 0 : nowMs - state.wellSinceMs;
  const gate = (id: string, title: string, met: boolean, detail: string | null): Gate => ({
    id,
    title,
    met,
    detail: met ? null : (detail?.slice(0, 200) ?? null),
  });
  return [
    gate('control', 'The daemon answers', seen?.controlAnswers ?? false, null),
    gate('tree', 'All its parts run', seen !== null && part === null, part ?? null),
    gate(
      'journal',
      'Readings are kept',
      seen !== null && seen.journalProblem === null,
      seen?.journalProblem ?? null,
    ),
    gate(
      'sensors',
      'The sensors that measured before measure again',
      seen !== null && silent.length === 0,
      notYet(silent),
    ),
    ...(expected.outputs.length === 0
      ? []
      : [
          gate(
            'outputs',
            'The outputs that were held before are held again',
            seen !== null && loose.length === 0,
            notYet(loose),
          ),
        ]),
    gate(
      'link',
      'A laptop has seen it',
      state.greeted || nowMs >= limits.graceMs,
      `without one it is kept after ${seconds(limits.graceMs)} s`,
    ),
    gate(
      'steady',
      `Healthy for ${seconds(limits.steadyMs)} s without a break`,
      wellMs >= limits.steadyMs,
      `${seconds(wellMs)} s so far`,
    ),
  ];
}

function notYet(ids: readonly string[]): string | null {
  return ids.length === 0 ? null : `not yet: ${ids.slice(0, 8).join(', ')}${ids.length > 8 ? ' …' : ''}`;
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
