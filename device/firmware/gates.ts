/** What firmware on trial has to show, as a person reads it. Pure. */
import type { TreeRow, SensorState } from '../../src/shared/device-contract.ts';
import type { Trial } from '../../src/shared/firmware.ts';
import type { TrialLimits, TrialState } from './trial-machine.ts';

/** What a look at the daemon found. */
export interface Observed {
  tree: readonly TreeRow[];
  /** Why the journal does not keep readings, in words; null when it does. */
  journalProblem: string | null;
  /** True when the control socket takes connections. */
  controlAnswers: boolean;
  sensors: readonly SensorState[];
  /**
   * Sensors that the configuration in force names: one that a firmware's configuration leaves out on purpose is not
   * missed. Null where it names none, or is not valid: then all that measured before are.
   */
  configured: readonly string[] | null;
}

type Gate = Trial['gates'][number];

/** Parts without which the daemon is not itself. Drivers have a gate of their own; an announcer needs a network. */
const VITAL = ['journal', 'batcher', 'health', 'control'];

/** The first demand on the daemon that is not met, in words that fit before "for 60 s"; null when all are. */
export function unmetDemand(seen: Observed, expected: readonly string[]): string | null {
  const silent = silentSensors(seen, expected);
  if (!seen.controlAnswers) return 'its control socket did not answer';
  const part = brokenPart(seen.tree);
  if (part) return `its part ${part} did not run`;
  if (seen.journalProblem !== null) return `its journal did not keep readings (${seen.journalProblem})`;
  const [first, ...more] = silent;
  if (first === undefined) return null;
  return more.length === 0
    ? `the sensor ${first}, which measured before, did not`
    : `${silent.length} sensors, which measured before, did not (${silent.slice(0, 5).join(', ')}${more.length > 4 ? ' …' : ''})`;
}

/** The rows that are shown. `seen` null: nobody has looked yet. */
export function gates(
  seen: Observed | null,
  expected: readonly string[],
  state: TrialState,
  limits: TrialLimits,
  nowMs: number,
): Gate[] {
  const part = seen && brokenPart(seen.tree);
  const silent = seen ? silentSensors(seen, expected) : expected;
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
      silent.length === 0
        ? null
        : `not yet: ${silent.slice(0, 8).join(', ')}${silent.length > 8 ? ' …' : ''}`,
    ),
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

function brokenPart(tree: readonly TreeRow[]): string | null {
  const [root] = tree;
  if (!root) return 'the whole';
  const wrong = VITAL.find((id) => {
    const row = tree.find(({ path }) => path === `${root.path}/${id}`);
    return row?.state !== 'running';
  });
  return wrong ?? null;
}

function silentSensors({ sensors, configured }: Observed, expected: readonly string[]): string[] {
  const wanted = new Map(sensors.map((row) => [row.sensor, row]));
  const named = configured && new Set(configured);
  return expected.filter((id) => {
    if (named?.has(id) === false) return false;
    const row = wanted.get(id);
    return row?.state !== 'ok' && row?.takenOut !== true;
  });
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
