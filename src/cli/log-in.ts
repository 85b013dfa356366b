/** Logging in from the terminal: trust in a new key first, then the password that is missing. */
import type { Fingerprint, Login } from '../shared/engine-contract.ts';
import { MusterError } from '../shared/errors.ts';
import { askPassword, canAsk, consent, readPasswordLine } from './ask.ts';
import type { CommandContext } from './main.ts';

export interface LoginOptions {
  user: string;
  passwordStdin?: boolean;
  key?: string;
  yes?: boolean;
}

/** Calls `attempt` until it is ready, asking between for what it lacks. Returns the login that did. */
export async function logIn<F extends { step: 'ready' } | { step: 'confirm-key'; fingerprint: Fingerprint }>(
  context: CommandContext,
  options: LoginOptions,
  attempt: (login: Login, trust: string | null) => Promise<F>,
): Promise<Extract<F, { step: 'ready' }> & { login: Login }> {
  const login: Login = {
    user: options.user,
    ...(options.key ? { keyPath: options.key } : {}),
    ...(options.passwordStdin ? { password: await readPasswordLine() } : {}),
  };
  let trust: string | null = null;
  for (;;) {
    try {
      const found = await attempt(login, trust);
      if (found.step === 'ready') return { ...(found as Extract<F, { step: 'ready' }>), login };
      const { words, sha256, type } = found.fingerprint;
      context.output.progress(`First contact. Its ${type} key is ${sha256}\nIn words: ${words}`);
      await consent('Is this the right box?', options.yes);
      trust = sha256;
    } catch (thrown) {
      const ask =
        thrown instanceof MusterError && thrown.code === 'AUTH_NEEDED' && canAsk() && !login.password;
      if (!ask) throw thrown;
      login.password = await askPassword(`Password of ${login.user}`);
    }
  }
}
