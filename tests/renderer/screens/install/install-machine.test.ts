import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FIRST,
  installStep,
  type InstallAction,
  type InstallEvent,
  type InstallState,
} from '../../../../renderer/screens/install/install-machine.ts';
import { errorToWire, MusterError, type ErrorCode } from '../../../../src/shared/errors.ts';

const fingerprint = { sha256: 'SHA256:new', type: 'ssh-ed25519', words: 'silver anchor' };
const facts = {} as never;
const plan = { steps: [], uploadBytes: 0, needsSudoPassword: false, changes: true };
const error = (code: ErrorCode, details = {}) => errorToWire(new MusterError(code, code, details));

/** Sends events one after another; `turn: -1` in an answer stands for the turn it belongs to. */
function talk(...events: InstallEvent[]): { state: InstallState; actions: InstallAction[] } {
  let state: InstallState = FIRST;
  const actions: InstallAction[] = [];
  for (const event of events) {
    const sent = 'turn' in event && event.turn === -1 ? { ...event, turn: state.turn } : event;
    const [next, wanted] = installStep(state, sent);
    state = next;
    actions.push(...wanted);
  }
  return { state, actions };
}

const inspected: InstallEvent = { type: 'inspected', turn: -1, session: 's1', fingerprint, facts, plan };
const asked: InstallEvent = { type: 'key-asked', turn: -1, fingerprint };
const failed = (code: ErrorCode, details = {}): InstallEvent => ({
  type: 'failed',
  turn: -1,
  error: error(code, details),
});

describe('the talk of an installation', () => {
  it('goes from login over the key and the plan to the job', () => {
    const { state, actions } = talk(
      { type: 'log-in' },
      asked,
      { type: 'key-confirmed' },
      inspected,
      { type: 'go' },
      { type: 'started', turn: -1, job: 'j1' },
    );
    expect(state).toMatchObject({ at: 'job', job: 'j1' });
    expect(actions).toMatchObject([
      { do: 'inspect', trust: null },
      { do: 'inspect', trust: 'SHA256:new' },
      { do: 'start', session: 's1' },
    ]);
  });

  it('trusts only the fingerprint that was shown, and only when asked to', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom<InstallEvent>(
            { type: 'log-in' },
            asked,
            inspected,
            { type: 'go' },
            { type: 'back' },
          ),
        ),
        (events) => {
          for (const action of talk(...events).actions)
            expect(action).not.toMatchObject({ trust: 'SHA256:new' });
        },
      ),
    );
  });

  it('never starts without a plan that was looked at', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom<InstallEvent>(
            { type: 'log-in' },
            asked,
            { type: 'key-confirmed' },
            { type: 'key-replaced' },
            { type: 'go' },
            { type: 'back' },
            failed('AUTH_FAILED'),
            failed('HOST_KEY_CHANGED', { sha256: 'x' }),
          ),
          { maxLength: 30 },
        ),
        (events) => {
          expect(talk(...events).actions.some((action) => action.do === 'start')).toBe(false);
        },
      ),
    );
  });

  it('replaces trust only from the page that shows both keys', () => {
    const changed = failed('HOST_KEY_CHANGED', {
      sha256: 'SHA256:other',
      type: 'ssh-ed25519',
      words: 'copper',
      pinned: 'SHA256:old',
    });
    const { state, actions } = talk({ type: 'log-in' }, changed, { type: 'key-replaced' });
    expect(state.at).toBe('connecting');
    expect(actions.at(-1)).toMatchObject({ do: 'replace-trust', sha256: 'SHA256:other' });
    expect(talk({ type: 'log-in' }, { type: 'key-replaced' }).actions).toHaveLength(1);
  });

  it('drops an answer that comes after the person stepped back', () => {
    const late = installStep(FIRST, { type: 'log-in' })[0].turn;
    const { state } = talk(
      { type: 'log-in' },
      { type: 'back' },
      { type: 'log-in' },
      { ...asked, turn: late },
    );
    expect(state.at).toBe('connecting');
  });

  it('shows a failed login at the login', () => {
    expect(talk({ type: 'log-in' }, failed('AUTH_FAILED')).state).toMatchObject({
      at: 'login',
      error: { code: 'AUTH_FAILED' },
    });
  });

  it('stays at the plan when starting fails, so that the sudo password can be entered', () => {
    const { state } = talk({ type: 'log-in' }, inspected, { type: 'go' }, failed('SUDO_PASSWORD_NEEDED'));
    expect(state).toMatchObject({ at: 'plan', session: 's1', error: { code: 'SUDO_PASSWORD_NEEDED' } });
  });

  it('asks for the login again when the session has become too old', () => {
    expect(talk({ type: 'log-in' }, inspected, { type: 'go' }, failed('SESSION_UNKNOWN')).state.at).toBe(
      'login',
    );
  });
});
