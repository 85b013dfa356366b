/**
 * What a daemon on trial has to show, with firmware or with a configuration, as a person reads it. Pure.
 * Called by firmware/ and configuration/, which decide how long they wait for it.
 */
import type { SensorState, TreeRow } from '../../src/shared/device-contract.ts';
import type { OutputState } from '../../src/shared/output.ts';

/** What a look at the daemon found. */
export interface Observed {
  tree: readonly TreeRow[];
  /** Why the journal does not keep readings, in words; null when it does. */
  journalProblem: string | null;
  /** True when the control socket takes connections. */
  controlAnswers: boolean;
  sensors: readonly SensorState[];
  /**
   * Sensors that the configuration in force names: one that it leaves out on purpose is not missed. Null where it names
   * none, or is not valid: then all that measured before are.
   */
  configured: readonly string[] | null;
  outputs: readonly OutputState[];
}

/** What did its work before the trial: sensors that measured, outputs whose lines were held. */
export interface Expected {
  sensors: string[];
  outputs: string[];
}

/** Parts without which the daemon is not itself. Drivers have a demand of their own; an announcer needs a network. */
const VITAL = ['journal', 'batcher', 'health', 'control'];

/** The first demand on the daemon that is not met, in words that fit before "for 60 s"; null when all are. */
export function unmetDemand(seen: Observed, expected: Expected): string | null {
  if (!seen.controlAnswers) return 'its control socket did not answer';
  const part = brokenPart(seen.tree);
  if (part) return `its part ${part} did not run`;
  if (seen.journalProblem !== null) return `its journal did not keep readings (${seen.journalProblem})`;
  const [loose] = looseOutputs(seen, expected.outputs);
  if (loose) return `its output ${loose.output} was not held${because(loose.error)}`;
  const silent = silentSensors(seen, expected.sensors);
  const [first, ...more] = silent;
  if (first === undefined) return null;
  if (more.length > 0)
    return `${silent.length} sensors, which measured before, did not (${silent.slice(0, 5).join(', ')}${more.length > 4 ? ' …' : ''})`;
  const row = seen.sensors.find(({ sensor }) => sensor === first);
  return `the sensor ${first}, which measured before, did not${because(row?.lastError)}`;
}

/** The first part that does not run and has to; null when all do. */
export function brokenPart(tree: readonly TreeRow[]): string | null {
  const [root] = tree;
  if (!root) return 'the whole';
  const wrong = VITAL.find((id) => {
    const row = tree.find(({ path }) => path === `${root.path}/${id}`);
    return row?.state !== 'running';
  });
  return wrong ?? null;
}

/** What does its work now: a later look may expect it. */
export function atWork({ sensors, outputs }: Pick<Observed, 'sensors' | 'outputs'>): Expected {
  return {
    sensors: sensors.filter(({ state, takenOut }) => state === 'ok' && !takenOut).map(({ sensor }) => sensor),
    outputs: outputs.filter(({ state }) => state === 'ok').map(({ output }) => output),
  };
}

/** Those of `expected` that are still wanted and do not measure. */
export function silentSensors({ sensors, configured }: Observed, expected: readonly string[]): string[] {
  const wanted = new Map(sensors.map((row) => [row.sensor, row]));
  const named = configured && new Set(configured);
  return expected.filter((id) => {
    if (named?.has(id) === false) return false;
    const row = wanted.get(id);
    return row?.state !== 'ok' && row?.takenOut !== true;
  });
}

/** Those of `expected` that are still outputs and that nobody holds. */
export function looseOutputs({ outputs }: Observed, expected: readonly string[]): OutputState[] {
  return outputs.filter(({ output, state }) => state !== 'ok' && expected.includes(output));
}

function because(why: string | null | undefined): string {
  return why ? ` (${why})` : '';
}
