import { describe, expect, it } from 'vitest';
import { atWork, unmetDemand, type Observed } from '../../../device/health/demands.ts';
import type { SensorState, TreeRow } from '../../../src/shared/device-contract.ts';
import type { OutputState } from '../../../src/shared/output.ts';

const tree = ['muster', ...['journal', 'batcher', 'health', 'control'].map((id) => `muster/${id}`)].map(
  (path) => ({ path, state: 'running' }) as TreeRow,
);
const sensor = (id: string, lastError: string | null = null) =>
  ({ sensor: id, state: lastError === null ? 'ok' : 'failing', lastError }) as SensorState;
const output = (id: string, error: string | null = null) =>
  ({ output: id, state: error === null ? 'ok' : 'failing', error }) as OutputState;
const seen = (
  sensors: SensorState[],
  configured: string[] | null,
  outputs: OutputState[] = [],
): Observed => ({
  tree,
  journalProblem: null,
  controlAnswers: true,
  sensors,
  configured,
  outputs,
});
const before = (sensors: string[], outputs: string[] = []) => ({ sensors, outputs });

describe('the sensors that measured before', () => {
  const both = before(['air', 'light']);

  it('are missed where they do not measure, with what they say', () => {
    expect(unmetDemand(seen([sensor('air')], ['air', 'light']), both)).toBe(
      'the sensor light, which measured before, did not',
    );
    const told = seen([sensor('air'), sensor('light', 'nobody answers')], ['air', 'light']);
    expect(unmetDemand(told, both)).toBe('the sensor light, which measured before, did not (nobody answers)');
  });

  it('are not missed where the new configuration leaves them out', () => {
    expect(unmetDemand(seen([sensor('air')], ['air']), both)).toBeNull();
  });

  it('are all missed where the configuration names none, or is not valid', () => {
    expect(unmetDemand(seen([], null), both)).toContain('2 sensors');
  });
});

describe('the outputs that were held before', () => {
  it('are missed where their line is not to be had, unless they are outputs no more', () => {
    const loose = seen([], [], [output('fan'), output('valve', 'line 17 is in use')]);
    expect(unmetDemand(loose, before([], ['fan', 'valve']))).toBe(
      'its output valve was not held (line 17 is in use)',
    );
    expect(unmetDemand(seen([], [], [output('fan')]), before([], ['fan', 'valve']))).toBeNull();
  });

  it('are not asked for when they were not held before either', () => {
    const loose = seen([], [], [output('fan'), output('valve', 'line 17 is in use')]);
    expect(unmetDemand(loose, atWork(loose))).toBeNull();
  });
});

it('what works now is what measures and is held, without what a person has taken out', () => {
  const out = { ...sensor('taken'), takenOut: true };
  expect(
    atWork({
      sensors: [sensor('air'), sensor('light', 'no'), out],
      outputs: [output('fan'), output('valve', 'no')],
    }),
  ).toEqual({ sensors: ['air'], outputs: ['fan'] });
});
