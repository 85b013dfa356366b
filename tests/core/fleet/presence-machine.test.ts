import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  presence,
  SILENCE_MS,
  UNKNOWN_PRESENCE,
  type PresenceAction,
  type PresenceEvent,
  type PresenceState,
} from '../../../src/core/fleet/presence-machine.ts';

function play(...events: PresenceEvent[]): { state: PresenceState; actions: PresenceAction[] } {
  let state = UNKNOWN_PRESENCE;
  const actions: PresenceAction[] = [];
  for (const event of events) {
    const next = presence(state, event);
    state = next.state;
    actions.push(...next.actions);
  }
  return { state, actions };
}

const heard = (at: number, service = 'ssh'): PresenceEvent => ({ type: 'heard', service, at });
const goodbye = (at: number, service = 'ssh'): PresenceEvent => ({ type: 'goodbye', service, at });
const tick = (at: number, pursue = false): PresenceEvent => ({ type: 'tick', pursue, at });

describe('presence', () => {
  it('is nearby once heard', () => {
    expect(play(heard(1)).state.presence).toBe('nearby');
  });

  it('does not take silence for absence: it probes, and believes the probe', () => {
    const silent = play(heard(0), tick(SILENCE_MS), tick(SILENCE_MS + 1));
    expect(silent.state.presence).toBe('nearby');
    expect(silent.actions).toEqual(['probe']);
    expect(presence(silent.state, { type: 'unanswered', at: SILENCE_MS + 2 }).state.presence).toBe('offline');
    expect(presence(silent.state, { type: 'answered', at: SILENCE_MS + 2 }).state.presence).toBe('nearby');
  });

  it('goes with its last service only', () => {
    const two = play(heard(0, 'ssh'), heard(0, 'muster'), goodbye(1, 'muster'));
    expect(two.state.presence).toBe('nearby');
    expect(presence(two.state, goodbye(2, 'ssh')).state.presence).toBe('offline');
  });

  it('does not go with a service it never had', () => {
    expect(play({ type: 'answered', at: 0 }, goodbye(1, 'never')).state.presence).toBe('nearby');
  });

  it('believes a live link more than a goodbye or a failed probe', () => {
    const linked = play(heard(0), { type: 'link-up', at: 1 }, goodbye(2), { type: 'unanswered', at: 3 });
    expect(linked.state.presence).toBe('nearby');
    expect(play({ type: 'link-up', at: 0 }, tick(SILENCE_MS * 2), { type: 'doubt', at: 1 }).actions).toEqual(
      [],
    );
  });

  it('probes when a link is cut, and is offline when a link finds nobody', () => {
    const up: PresenceEvent = { type: 'link-up', at: 0 };
    expect(play(up, { type: 'link-down', reachable: true, at: 1 })).toMatchObject({
      state: { presence: 'nearby' },
      actions: ['probe'],
    });
    expect(play(up, { type: 'link-down', reachable: false, at: 1 }).state.presence).toBe('offline');
  });

  it('believes what it heard during a probe more than the probe', () => {
    const { state } = play(heard(0), { type: 'doubt', at: 10 }, heard(11), { type: 'unanswered', at: 12 });
    expect(state.presence).toBe('nearby');
  });

  it('takes SSH being off for absence only of a device that is silent', () => {
    const refused: PresenceEvent = { type: 'refused', at: 11 };
    expect(play(heard(0), { type: 'doubt', at: 10 }, refused).state.presence).toBe('nearby');
    expect(play(tick(10, true), refused).state.presence).toBe('offline');
    const late: PresenceEvent = { type: 'refused', at: SILENCE_MS + 2 };
    expect(play(heard(0), tick(SILENCE_MS + 1), late).state.presence).toBe('offline');
  });

  it('pursues a remembered device with growing pauses, a stranger not at all', () => {
    expect(play(tick(0)).actions).toEqual([]);
    let state = UNKNOWN_PRESENCE;
    const probedAt: number[] = [];
    for (let at = 0; at < 3_600_000; at += 5000) {
      const next = presence(state, tick(at, true));
      state = next.actions.length > 0 ? presence(next.state, { type: 'unanswered', at }).state : next.state;
      if (next.actions.length > 0) probedAt.push(at / 1000);
    }
    expect(probedAt.slice(0, 7)).toEqual([0, 30, 90, 210, 450, 930, 1530]);
  });

  it('keeps its promises under any order of events', () => {
    const at = fc.nat({ max: 1_000_000 });
    const service = fc.constantFrom('ssh', 'muster', 'workstation');
    const event: fc.Arbitrary<PresenceEvent> = fc.oneof(
      fc.record({ type: fc.constantFrom('heard', 'goodbye'), service, at }),
      fc.record({ type: fc.constantFrom('answered', 'unanswered', 'refused', 'link-up', 'doubt'), at }),
      fc.record({ type: fc.constant('link-down' as const), reachable: fc.boolean(), at }),
      fc.record({ type: fc.constant('tick' as const), pursue: fc.boolean(), at }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let state = UNKNOWN_PRESENCE;
        let now = 0;
        let probes = 0;
        for (const step of events) {
          now += step.at;
          const next = presence(state, { ...step, at: now });
          probes += next.actions.length;
          if (['answered', 'unanswered', 'refused'].includes(step.type)) probes = 0;
          // At most one probe is under way.
          expect(probes).toBeLessThanOrEqual(1);
          // Only these make a device offline.
          const lost = next.state.presence === 'offline' && state.presence !== 'offline';
          expect(!lost || ['goodbye', 'unanswered', 'refused', 'link-down'].includes(step.type)).toBe(true);
          expect(!next.state.linked || next.state.presence === 'nearby').toBe(true);
          expect(next.state.lostAt !== null).toBe(next.state.presence === 'offline');
          state = next.state;
        }
      }),
    );
  });
});
