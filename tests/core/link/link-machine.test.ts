import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, MAX_WAIT_MS } from '../../../src/core/link/backoff.ts';
import {
  initialLink,
  linkState,
  linkStep,
  type LinkEvent,
  type LinkMachine,
} from '../../../src/core/link/link-machine.ts';
import { linkStateSchema } from '../../../src/shared/engine-contract.ts';
import { MusterError } from '../../../src/shared/errors.ts';

const lost = (at: number, code: MusterError['code'] = 'CONNECTION_LOST'): LinkEvent => ({
  type: 'lost',
  error: new MusterError(code, 'gone'),
  random: 0.5,
  at,
});

function after(events: LinkEvent[], from = initialLink(0)): LinkMachine {
  return events.reduce((machine, event) => linkStep(machine, event).machine, from);
}

const event = fc
  .record({
    kind: fc.constantFrom('start', 'retry', 'due', 'stop', 'ready', 'progress', 'lost', 'refused'),
    behind: fc.integer({ min: 0, max: 5 }),
    random: fc.double({ min: 0, max: 1, noNaN: true }),
    step: fc.integer({ min: 0, max: 40_000 }),
  })
  .map(({ kind, behind, random, step }) => (at: number): [LinkEvent, number] => {
    const now = at + step;
    if (kind === 'ready' || kind === 'progress') return [{ type: kind, behind, at: now }, now];
    if (kind === 'lost' || kind === 'refused') {
      const error = new MusterError(kind === 'lost' ? 'CONNECTION_LOST' : 'AUTH_FAILED', 'gone');
      return [{ type: 'lost', error, random, at: now }, now];
    }
    return [{ type: kind as 'start', at: now }, now];
  });

describe('the link machine', () => {
  it('connects exactly when it enters connecting, waits exactly when it enters waiting, and tells legal states', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let machine = initialLink(0);
        let at = 0;
        for (const make of events) {
          const [next, now] = make(at);
          at = now;
          const before = machine;
          const { machine: entered, actions } = linkStep(before, next);
          machine = entered;
          const changed = machine !== before && machine.state !== before.state;
          const did = new Set(actions.map((a) => a.type));
          expect(did.has('connect')).toBe(changed && machine.state === 'connecting');
          expect(did.has('wait')).toBe(changed && machine.state === 'waiting');
          expect(machine.nextAttemptAt !== null).toBe(machine.state === 'waiting');
          expect(machine.behind !== null).toBe(machine.state === 'catching-up');
          expect(linkStateSchema.strict().safeParse(linkState(machine)).success).toBe(true);
        }
      }),
    );
  });

  it('counts a reconnect when the device answers again, not when it is tried', () => {
    const ready: LinkEvent = { type: 'ready', behind: 0, at: 1 };
    const due: LinkEvent = { type: 'due', at: 1 };
    const first = after([{ type: 'start', at: 0 }, lost(1), due, ready]);
    expect(first.reconnects).toBe(0);
    expect(after([lost(2), due, lost(3), due, ready], first).reconnects).toBe(1);
  });

  it('is quick again after a calm time, and not after a device that drops at once', () => {
    const due: LinkEvent = { type: 'due', at: 100_000 };
    const ready = (at: number): LinkEvent => ({ type: 'ready', behind: 0, at });
    const tired = after([{ type: 'start', at: 0 }, lost(1), due, lost(2), due, lost(3), due, ready(100_000)]);
    expect(after([lost(101_000)], tired).nextAttemptAt).toBe(105_000);
    expect(after([lost(111_000)], tired).nextAttemptAt).toBe(111_250);
  });

  it('stays refused until it is told to try', () => {
    const refused = after([{ type: 'start', at: 0 }, lost(1, 'HOST_KEY_CHANGED')]);
    expect(refused).toMatchObject({ state: 'refused', nextAttemptAt: null });
    expect(refused.error?.code).toBe('HOST_KEY_CHANGED');
    expect(after([{ type: 'due', at: 2 }], refused).state).toBe('refused');
    expect(after([{ type: 'retry', at: 2 }], refused).state).toBe('connecting');
  });
});

describe('the wait before a retry', () => {
  it('is short first, never over the cap, and spread', () => {
    expect(backoffMs(0, 0.5)).toBe(250);
    fc.assert(
      fc.property(fc.nat(100), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const ms = backoffMs(attempt, random);
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThanOrEqual(MAX_WAIT_MS);
      }),
    );
    expect(backoffMs(2, 0)).toBeLessThan(backoffMs(2, 1));
  });
});
