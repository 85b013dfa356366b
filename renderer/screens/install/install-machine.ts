/**
 * How an installation is talked through with the person: log in, confirm the box, look at the plan, watch.
 * Pure: (state, event) -> (state, actions). The hook beside it carries the actions out and owns the password.
 * An answer carries the `turn` it belongs to, so that one which comes after the person stepped back is dropped.
 */
import type { Facts, Fingerprint, Plan } from '../../../src/shared/engine-contract.ts';
import type { WireError } from '../../../src/shared/errors.ts';

export type InstallState = { turn: number } & (
  | { at: 'login'; error: WireError | null }
  | { at: 'connecting' }
  | { at: 'confirm-key'; fingerprint: Fingerprint }
  | { at: 'key-changed'; error: WireError; offered: Fingerprint }
  | {
      at: 'plan';
      session: string;
      fingerprint: Fingerprint;
      facts: Facts;
      plan: Plan;
      error: WireError | null;
    }
  | { at: 'starting'; session: string; fingerprint: Fingerprint; facts: Facts; plan: Plan }
  | { at: 'job'; job: string }
);

export type InstallEvent =
  | { type: 'log-in' }
  | { type: 'key-asked'; turn: number; fingerprint: Fingerprint }
  | { type: 'inspected'; turn: number; session: string; fingerprint: Fingerprint; facts: Facts; plan: Plan }
  | { type: 'failed'; turn: number; error: WireError }
  | { type: 'key-confirmed' }
  | { type: 'key-replaced' }
  | { type: 'go' }
  | { type: 'started'; turn: number; job: string }
  | { type: 'back' };

/** `inspect` with the fingerprint the person confirmed, if one; `replace-trust` first pins another key. */
export type InstallAction =
  | { do: 'inspect'; turn: number; trust: string | null }
  | { do: 'replace-trust'; turn: number; sha256: string }
  | { do: 'start'; turn: number; session: string };

export const FIRST: InstallState = { turn: 0, at: 'login', error: null };

type Step = [InstallState, InstallAction[]];

/** The key that was offered, as a HOST_KEY_CHANGED or HOST_KEY_UNKNOWN error quotes it. */
function offeredKey({ details }: WireError): Fingerprint | null {
  const { sha256, type, words } = details;
  return typeof sha256 === 'string'
    ? { sha256, type: typeof type === 'string' ? type : '', words: typeof words === 'string' ? words : '' }
    : null;
}

function failed(state: InstallState, error: WireError): Step {
  const { turn } = state;
  // An old session cannot be gone on with, but the plan was looked at: the login is asked for again.
  if (state.at === 'starting' && error.code !== 'SESSION_UNKNOWN') {
    const { session, fingerprint, facts, plan } = state;
    return [{ turn, at: 'plan', session, fingerprint, facts, plan, error }, []];
  }
  const offered = offeredKey(error);
  if (error.code === 'HOST_KEY_CHANGED' && offered) return [{ turn, at: 'key-changed', error, offered }, []];
  return [{ turn, at: 'login', error }, []];
}

/** Moves on. Events that do not fit the state, and answers of an earlier turn, change nothing. */
export function installStep(state: InstallState, event: InstallEvent): Step {
  if ('turn' in event && event.turn !== state.turn) return [state, []];
  const turn = state.turn + 1;
  switch (event.type) {
    case 'log-in':
      if (state.at !== 'login') break;
      return [{ turn, at: 'connecting' }, [{ do: 'inspect', turn, trust: null }]];
    case 'key-asked':
      if (state.at !== 'connecting') break;
      return [{ turn: state.turn, at: 'confirm-key', fingerprint: event.fingerprint }, []];
    case 'key-confirmed':
      if (state.at !== 'confirm-key') break;
      return [{ turn, at: 'connecting' }, [{ do: 'inspect', turn, trust: state.fingerprint.sha256 }]];
    case 'key-replaced':
      if (state.at !== 'key-changed') break;
      return [{ turn, at: 'connecting' }, [{ do: 'replace-trust', turn, sha256: state.offered.sha256 }]];
    case 'inspected': {
      if (state.at !== 'connecting') break;
      const { session, fingerprint, facts, plan } = event;
      return [{ turn: state.turn, at: 'plan', session, fingerprint, facts, plan, error: null }, []];
    }
    case 'go': {
      if (state.at !== 'plan') break;
      const { session, fingerprint, facts, plan } = state;
      return [{ turn, at: 'starting', session, fingerprint, facts, plan }, [{ do: 'start', turn, session }]];
    }
    case 'started':
      if (state.at !== 'starting') break;
      return [{ turn: state.turn, at: 'job', job: event.job }, []];
    case 'failed':
      return failed(state, event.error);
    case 'back':
      return [{ turn, at: 'login', error: null }, []];
  }
  return [state, []];
}
