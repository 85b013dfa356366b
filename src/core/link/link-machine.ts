/**
 * What a link does next. Pure: (state, event) -> (state, actions); link.ts obeys.
 *
 *   off -start-> connecting -ready-> catching-up <-progress-> live
 *   connecting, catching-up, live -lost-> waiting -due-> connecting
 *   … -lost with an error that only a person can mend-> refused -retry-> connecting
 *   any -stop-> off
 */
import type { LinkState } from '../../shared/engine-contract.ts';
import { type ErrorCode, errorToWire, type MusterError } from '../../shared/errors.ts';
import { backoffMs } from './backoff.ts';

/** LinkState, and how many losses in a row there were without a calm time between. */
export interface LinkMachine extends LinkState {
  losses: number;
  /** True once the device has answered in this link's life. */
  wasReady: boolean;
}

/** `at` is epoch ms. */
export type LinkEvent = { at: number } & (
  | { type: 'start' | 'retry' | 'due' | 'stop' }
  | { type: 'ready' | 'progress'; behind: number }
  | { type: 'lost'; error: MusterError; random: number }
);

type LinkAction = { type: 'connect' } | { type: 'disconnect' } | { type: 'wait'; ms: number };

/** Trying again does not mend these: a person has to do something first (error-text says what). */
const REFUSED: ReadonlySet<ErrorCode> = new Set([
  'PROTOCOL_MISMATCH',
  'HOST_KEY_CHANGED',
  'HOST_KEY_UNKNOWN',
  'AUTH_FAILED',
  'AUTH_NEEDED',
  'KEY_FILE_BAD',
  'NOT_INSTALLED',
  'DEVICE_UNKNOWN',
  'ARCHIVE_NEWER',
]);
/** A link that was live so long has earned a quick retry again. */
const CALM_MS = 10_000;

/** A link that was not started. */
export function initialLink(at: number): LinkMachine {
  return {
    state: 'off',
    since: at,
    nextAttemptAt: null,
    behind: null,
    reconnects: 0,
    error: null,
    losses: 0,
    wasReady: false,
  };
}

/** The next state and what to do. An event that does not fit the state changes nothing. */
export function linkStep(
  machine: LinkMachine,
  event: LinkEvent,
): { machine: LinkMachine; actions: LinkAction[] } {
  const stay = { machine, actions: [] };
  const { state } = machine;
  const connected = state === 'catching-up' || state === 'live';
  switch (event.type) {
    case 'start':
      return state === 'off' ? connect(machine, event.at) : stay;
    case 'due':
      return state === 'waiting' ? connect(machine, event.at) : stay;
    case 'retry':
      return state === 'waiting' || state === 'refused' ? connect({ ...machine, losses: 0 }, event.at) : stay;
    case 'ready': {
      if (state !== 'connecting') return stay;
      const reconnects = machine.reconnects + (machine.wasReady ? 1 : 0);
      return progress({ ...machine, reconnects, wasReady: true, error: null }, event.at, event.behind);
    }
    case 'progress':
      return connected ? progress(machine, event.at, event.behind) : stay;
    case 'lost':
      return state === 'connecting' || connected ? lost(machine, event) : stay;
    case 'stop':
      if (state === 'off') return stay;
      return {
        machine: { ...initialLink(event.at), reconnects: machine.reconnects, wasReady: machine.wasReady },
        actions: [{ type: 'disconnect' }],
      };
  }
}

/** What a shell is told. */
export function linkState(machine: LinkMachine): LinkState {
  const { losses: _, wasReady: __, ...state } = machine;
  return state;
}

function connect(machine: LinkMachine, at: number): { machine: LinkMachine; actions: LinkAction[] } {
  return {
    machine: { ...machine, state: 'connecting', since: at, nextAttemptAt: null, behind: null },
    actions: [{ type: 'connect' }],
  };
}

function progress(machine: LinkMachine, at: number, behind: number) {
  const state = behind > 0 ? 'catching-up' : 'live';
  const since = state === machine.state ? machine.since : at;
  return { machine: { ...machine, state, since, behind: behind > 0 ? behind : null } as const, actions: [] };
}

function lost(
  machine: LinkMachine,
  { at, error, random }: Extract<LinkEvent, { type: 'lost' }>,
): { machine: LinkMachine; actions: LinkAction[] } {
  const told = { ...machine, since: at, behind: null, error: errorToWire(error) };
  if (REFUSED.has(error.code))
    return {
      machine: { ...told, state: 'refused', nextAttemptAt: null },
      actions: [{ type: 'disconnect' }],
    };
  const calm = machine.state === 'live' && at - machine.since >= CALM_MS;
  const losses = calm ? 0 : machine.losses;
  const ms = backoffMs(losses, random);
  return {
    machine: { ...told, state: 'waiting', nextAttemptAt: at + ms, losses: losses + 1 },
    actions: [{ type: 'disconnect' }, { type: 'wait', ms }],
  };
}
