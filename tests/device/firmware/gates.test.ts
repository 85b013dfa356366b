import { describe, expect, it } from 'vitest';
import { unmetDemand, type Observed } from '../../../device/firmware/gates.ts';
import type { SensorState, TreeRow } from '../../../src/shared/device-contract.ts';

const tree = ['muster', ...['journal', 'batcher', 'health', 'control'].map((id) => `muster/${id}`)].map(
  (path) => ({ path, state: 'running' }) as TreeRow,
);
const ok = (sensor: string) => ({ sensor, state: 'ok' }) as SensorState;
const seen = (sensors: string[], configured: string[] | null): Observed => ({
  tree,
  journalProblem: null,
  controlAnswers: true,
  sensors: sensors.map(ok),
  configured,
});

describe('the sensors that measured before', () => {
  it('are missed where they do not measure', () => {
    expect(unmetDemand(seen(['air'], ['air', 'light']), ['air', 'light'])).toContain('light');
  });

  it('are not missed where the new configuration leaves them out', () => {
    expect(unmetDemand(seen(['air'], ['air']), ['air', 'light'])).toBeNull();
  });

  it('are all missed where the configuration names none, or is not valid', () => {
    expect(unmetDemand(seen([], null), ['air', 'light'])).toContain('2 sensors');
  });
});
