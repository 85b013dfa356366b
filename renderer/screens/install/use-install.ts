/** Carries out what the install machine asks for. Passwords live here, in memory, until the drawer closes. */
import { useCallback, useEffect, useRef, useState } from 'react';
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

/** The talk about one device. `device` may change its id on the way; the talk goes on. */
export function useInstall(device: string) {
  const call = useCalls();
  const [state, setState] = useState<InstallState>(FIRST);
  const now = useRef<InstallState>(FIRST);
  const secrets = useRef<Secrets>({ login: { user: 'pi' }, sudoPassword: null });
  const id = useRef(device);
  const open = useRef(true);
  useEffect(() => {
    id.current = device;
  }, [device]);
  useEffect(() => {
    open.current = true;
    return () => {
      open.current = false;
    };
  }, []);

  const send = useCallback(
    (event: InstallEvent) => {
      if (!open.current) return;
      const [next, actions] = installStep(now.current, event);
      now.current = next;
      setState(next);
      for (const action of actions) void carryOut(call, id.current, secrets.current, action).then(send);
    },
    [call],
  );

  return {
    state,
    send,
    logIn(login: Login) {
      secrets.current = { login, sudoPassword: null };
      send({ type: 'log-in' });
    },
    go(sudoPassword: string | null) {
      secrets.current = { ...secrets.current, sudoPassword };
      send({ type: 'go' });
    },
  };
}
