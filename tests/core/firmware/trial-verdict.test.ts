import { describe, expect, it } from 'vitest';
import { judge, type Circumstances } from '../../../src/core/firmware/trial-verdict.ts';
import type { FirmwareState } from '../../../src/shared/firmware.ts';

const OURS = 'a'.repeat(64);
const OLD = 'b'.repeat(64);

function state(more: Partial<FirmwareState> = {}): FirmwareState {
  const slot = (name: 'a' | 'b', manifest: string) =>
    ({ slot: name, product: 'orchard', version: '1.4.0', runtime: '24.21.0', manifest }) as const;
  return {
    running: 'a',
    slots: [slot('a', OLD), slot('b', OURS)],
    trial: null,
    last: { manifest: OLD, version: '1.3.2', outcome: 'confirmed', reason: 'healthy' },
    keys: [],
    revoked: [],
    ...more,
  };
}

const trial = (manifest: string) => ({
  slot: 'b' as const,
  version: '1.4.0',
  manifest,
  gates: [
    { id: 'control', title: 'The daemon answers', met: true, detail: null },
    { id: 'sensors', title: 'The sensors measure again', met: false, detail: 'not yet: outside' },
    { id: 'steady', title: 'Healthy for 20 s', met: false, detail: null },
  ],
  remainingMs: 41_200,
});
const last = (outcome: 'confirmed' | 'rolled-back', manifest = OURS) => ({
  manifest,
  version: '1.4.0',
  outcome,
  reason: 'it ended by itself',
});

const asked = (more: Partial<Circumstances> = {}): Circumstances => ({
  restarted: true,
  answered: true,
  patienceEnded: false,
  ...more,
});
const end = (told: FirmwareState, circumstances: Partial<Circumstances> = {}) => {
  const verdict = judge(told, OURS, asked(circumstances));
  return verdict.type === 'ended' ? verdict.ending.end : verdict.type;
};

describe('what a device says of its firmware', () => {
  it('is a trial, with what it waits for', () => {
    expect(judge(state({ running: 'b', trial: trial(OURS) }), OURS, asked())).toEqual({
      type: 'trial',
      progress: {
        trial: true,
        detail: 'The sensors measure again (not yet: outside), Healthy for 20 s',
        secondsLeft: 42,
      },
    });
  });

  it('is an end only when the device has written it down', () => {
    expect(end(state({ running: 'b', last: last('confirmed') }))).toBe('confirmed');
    expect(end(state({ last: last('rolled-back') }))).toBe('rolled-back');
    // a daemon that has just given up its trial still runs it for a moment
    expect(end(state({ running: 'b' }))).toBe('undecided');
    expect(end(state({ running: 'b', last: last('rolled-back') }))).toBe('undecided');
    // a person went back to this very version
    expect(end(state({ running: 'b', last: last('rolled-back') }), { patienceEnded: true })).toBe(
      'confirmed',
    );
  });

  it('is of an earlier try while the daemon that was asked has not restarted', () => {
    const stale = state({ last: last('rolled-back') });
    expect(end(stale, { restarted: false })).toBe('undecided');
    expect(end(stale, { restarted: false, patienceEnded: true })).toBe('failed');
    expect(end(stale, { restarted: null, answered: false })).toBe('rolled-back');
  });

  it('is nothing when it restarted without a trace, or was never told', () => {
    expect(end(state())).toBe('untouched');
    expect(end(state(), { restarted: false, answered: false })).toBe('undecided');
    expect(end(state(), { restarted: false, answered: false, patienceEnded: true })).toBe('untouched');
    expect(end(state(), { restarted: null, answered: false, patienceEnded: true })).toBe('untouched');
  });

  it('waits for the end of what somebody else tries there', () => {
    const other = state({ running: 'b', trial: trial(OLD), last: last('rolled-back') });
    expect(end(other)).toBe('undecided');
    expect(end(other, { patienceEnded: true })).toBe('undecided');
  });
});
