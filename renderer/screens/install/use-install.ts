/** Carries out what the install machine asks for. Passwords live here, in memory, until the drawer closes. */
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { Login } from '../../../src/shared/engine-contract.ts';
import { errorToWire } from '../../../src/shared/errors.ts';
import type { EngineClient } from '../../engine.ts';
import { useCalls } from '../../stores/muster.tsx';
import {
  FIRST,
  installStep,
  type InstallAction,
  type InstallEvent,
  type InstallState,
} from './install-machine.ts';

interface Secrets {
  login: Login;
  sudoPassword: string | null;
}

async function carryOut(
  call: EngineClient['call'],
  device: string,
  secrets: Secrets,
  action: InstallAction,
): Promise<InstallEvent> {
  const { turn } = action;
  try {
    if (action.do === 'start') {
      const { job } = await call['install.start']({
        session: action.session,
        sudoPassword: secrets.sudoPassword,
      });
      return { type: 'started', turn, job };
    }
    if (action.do === 'replace-trust') await call['trust.replace']({ device, sha256: action.sha256 });
    const trust = action.do === 'inspect' ? action.trust : null;
    const answer = await call['install.inspect']({ device, login: secrets.login, trust });
    return answer.step === 'confirm-key'
      ? { type: 'key-asked', turn, fingerprint: answer.fingerprint }
      : { type: 'inspected', turn, ...answer };
  } catch (thrown) {
    return { type: 'failed', turn, error: errorToWire(thrown) };
  }
}

/** One talk, outside React: its state, its secrets, its device. */
class Talk {
  readonly state = createStore<InstallState>(() => FIRST);
  #device: string;
  #call: EngineClient['call'];
  #secrets: Secrets = { login: { user: '' }, sudoPassword: null };

  constructor(call: EngineClient['call'], device: string) {
    this.#call = call;
    this.#device = device;
  }

  /** The device's id may change on the way; the talk goes on. */
  renamed = (device: string): void => {
    this.#device = device;
  };

  send = (event: InstallEvent): void => {
    const [next, actions] = installStep(this.state.getState(), event);
    this.state.setState(next, true);
    for (const action of actions)
      void carryOut(this.#call, this.#device, this.#secrets, action).then(this.send);
  };

  logIn = (login: Login): void => {
    this.#secrets = { login, sudoPassword: null };
    this.send({ type: 'log-in' });
  };

  go = (sudoPassword: string | null): void => {
    this.#secrets = { ...this.#secrets, sudoPassword };
    this.send({ type: 'go' });
  };
}

/** The talk about one device, ended with the part that uses it. */
export function useInstall(device: string) {
  const call = useCalls();
  const [talk] = useState(() => new Talk(call, device));
  useEffect(() => {
    talk.renamed(device);
  }, [talk, device]);
  const state = useStore(talk.state);
  return { state, send: talk.send, logIn: talk.logIn, go: talk.go };
}
