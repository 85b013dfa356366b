import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  GUARD_MS,
  judgeDevice,
  judgeSilence,
  judgeUpload,
  type Watch,
} from '../../../src/core/nerves/decide.ts';
import type { SlotState } from '../../../src/core/nerves/identify.ts';

const OLD = '11111111-2222-5333-8444-555555555555';
const NEW = '99999999-2222-5333-8444-555555555555';
const before: SlotState = {
  uuid: OLD,
  version: '1.1.0',
  active: 'a',
  next: 'a',
  validation: 'validated',
  otherUuid: null,
  uptimeMs: 86_400_000,
};
const after: SlotState = {
  ...before,
  uuid: NEW,
  version: '1.2.0',
  active: 'b',
  otherUuid: OLD,
  uptimeMs: 20_000,
};
const fresh: Watch = { restarted: null, accepted: null, seenNew: false, watchedMs: 0, newMs: 0 };
const LATE = 121_000;

describe('the end of an upload', () => {
  it.each<[string, Parameters<typeof judgeUpload>[0], string]>([
    ['Success! and 0', { succeeded: true, code: 0, committed: true }, 'accepted'],
    ['Success! and the reboot that was faster', { succeeded: true, code: null, committed: true }, 'accepted'],
    ['0 without Success!', { succeeded: false, code: 0, committed: true }, 'unclear'],
    ['0 in the midst of the file', { succeeded: false, code: 0, committed: false }, 'refused'],
    ['1', { succeeded: false, code: 1, committed: true }, 'refused'],
    ['a cut before the end was sent', { succeeded: false, code: null, committed: false }, 'cut'],
    ['a cut after it', { succeeded: false, code: null, committed: true }, 'unclear'],
  ])('%s', (_what, end, verdict) => {
    expect(judgeUpload(end)).toBe(verdict);
  });
});

describe('what a device runs after an update', () => {
  it.each<[string, Partial<SlotState>, Partial<Watch>, string]>([
    ['the new one, confirmed', after, {}, 'confirmed'],
    ['the new one, on trial', { ...after, validation: 'unvalidated' }, {}, 'trial'],
    [
      'the new one, never confirmed',
      { ...after, validation: 'unvalidated' },
      { newMs: 2 * GUARD_MS },
      'unknown',
    ],
    ['the new one, not yet told', { ...after, validation: 'unknown' }, {}, 'trial'],
    [
      'the new one of a system that does not tell',
      { ...after, validation: 'unknown' },
      { newMs: 31_000 },
      'confirmed',
    ],
    ['nothing said yet', { uuid: null }, {}, 'wait'],
    ['nothing said for ever', { uuid: null }, { watchedMs: 2 * GUARD_MS }, 'unknown'],
    ['the old one, right after Success!', { otherUuid: NEW }, { restarted: false, accepted: true }, 'wait'],
    [
      'the old one, restarted, the new one beside it',
      { otherUuid: NEW },
      { restarted: true, accepted: true },
      'rolled-back',
    ],
    ['the old one after the new one was seen', {}, { seenNew: true }, 'rolled-back'],
    [
      'the old one, restarted, nothing beside it after a false 0',
      {},
      { restarted: true, accepted: false },
      'failed',
    ],
    [
      'the old one, restarted, another one beside it',
      { otherUuid: OLD },
      { restarted: true, accepted: true },
      'failed',
    ],
    [
      'the old one, never restarted',
      { otherUuid: NEW },
      { restarted: false, accepted: true, watchedMs: LATE },
      'failed',
    ],
    [
      'in another life of the engine, young',
      { otherUuid: NEW, uptimeMs: 60_000 },
      { watchedMs: LATE },
      'rolled-back',
    ],
    ['in another life of the engine, old', { otherUuid: NEW }, { watchedMs: LATE }, 'failed'],
    ['in another life of the engine, never written', {}, { watchedMs: LATE }, 'untouched'],
    [
      'nothing, after a cut near the end',
      {},
      { restarted: false, accepted: false, watchedMs: LATE },
      'untouched',
    ],
    ['nothing, though it said Success!', {}, { restarted: false, accepted: true, watchedMs: LATE }, 'failed'],
  ])('%s', (_what, state, watch, expected) => {
    const verdict = judgeDevice({ ...before, ...state }, NEW, { ...fresh, ...watch });
    const is = verdict.type === 'ended' ? verdict.ending.end : verdict.trial ? 'trial' : 'wait';
    expect(is).toBe(expected);
  });

  it('is never called confirmed with another UUID, nor rolled back with the new one', () => {
    fc.assert(
      fc.property(
        fc.record<SlotState>({
          uuid: fc.constantFrom(OLD, NEW, null),
          version: fc.constantFrom('1.1.0', null),
          active: fc.constantFrom('a', 'b', null),
          next: fc.constantFrom('a', 'b', null),
          validation: fc.constantFrom('validated', 'unvalidated', 'unknown'),
          otherUuid: fc.constantFrom(OLD, NEW, null),
          uptimeMs: fc.option(fc.nat()),
        }),
        fc.record<Watch>({
          restarted: fc.constantFrom(true, false, null),
          accepted: fc.constantFrom(true, false, null),
          seenNew: fc.boolean(),
          watchedMs: fc.nat({ max: 10_000_000 }),
          newMs: fc.nat({ max: 10_000_000 }),
        }),
        (state, watch) => {
          const verdict = judgeDevice(state, NEW, watch);
          const end = verdict.type === 'ended' ? verdict.ending.end : null;
          expect(end === 'confirmed' && state.uuid !== NEW).toBe(false);
          expect(
            (end === 'rolled-back' || end === 'failed' || end === 'untouched') && state.uuid !== OLD,
          ).toBe(false);
        },
      ),
    );
  });

  it('is never waited for without an end', () => {
    const long = { ...fresh, watchedMs: 2 * GUARD_MS, newMs: 2 * GUARD_MS };
    for (const uuid of [OLD, NEW, null])
      for (const validation of ['validated', 'unvalidated', 'unknown'] as const)
        expect(judgeDevice({ ...before, uuid, validation }, NEW, long).type).toBe('ended');
  });

  it('is given up only after the watchdog and a boot have had their time', () => {
    expect(judgeSilence(GUARD_MS)).toBeNull();
    expect(judgeSilence(GUARD_MS + 300_000)).toMatchObject({ end: 'unknown' });
  });
});
