/**
 * The order in which ways to log in are tried, and what a refusal of all of them means.
 * Pure: it holds no key and no password, only which of the caller's attempts comes next.
 */
import { MusterError } from '../../shared/errors.ts';

/** SSH's names of the methods (RFC 4252, RFC 4256). */
type AuthMethodName = 'none' | 'publickey' | 'password' | 'keyboard-interactive';

/** One thing to offer. `given` is true when a person supplied it for this very login. */
export interface AuthAttempt<A> {
  method: AuthMethodName;
  source: 'probe' | 'own key' | 'agent' | 'key file' | 'password';
  given: boolean;
  offer: A;
}

/** Walks the attempts as a server permits them. */
export class AuthSequence<A> {
  readonly #attempts: AuthAttempt<A>[];
  readonly #tried = new Set<AuthAttempt<A>>();
  #methods: readonly string[] = [];

  constructor(attempts: AuthAttempt<A>[]) {
    this.#attempts = attempts;
  }

  /**
   * The next attempt whose method the server takes, null when none is left. `methods` is what the server said
   * last (null before it said anything). After a partial success a method named later may become due.
   */
  next(methods: readonly string[] | null): AuthAttempt<A> | null {
    if (methods) this.#methods = methods;
    for (const attempt of this.#attempts) {
      if (this.#tried.has(attempt)) continue;
      if (methods && attempt.method !== 'none' && !methods.includes(attempt.method)) continue;
      // The same password by another method would only fail again, and count twice for the server's lock-out.
      if (attempt.source === 'password' && [...this.#tried].some((t) => t.source === 'password')) continue;
      this.#tried.add(attempt);
      return attempt;
    }
    return null;
  }

  /** AUTH_FAILED when something a person gave was refused, AUTH_NEEDED when they have not been asked yet. */
  failure(user: string): MusterError {
    const methods = this.#methods.join(', ');
    const tried = [...this.#tried].filter((t) => t.source !== 'probe').map((t) => t.source);
    const given = this.#attempts.some((attempt) => attempt.given);
    return new MusterError(
      given ? 'AUTH_FAILED' : 'AUTH_NEEDED',
      `user ${user} was not let in; tried ${tried.join(', ') || 'nothing'}; the server takes ${methods || 'nothing it named'}`,
      { user, methods, tried: tried.join(', ') },
    );
  }
}

/**
 * A keyboard-interactive prompter (RFC 4256): answers the hidden prompts of the first round with the password.
 * A second round means it was wrong; a prompt that would be echoed does not ask for a password.
 */
export function answerOnce(password: string) {
  let asked = false;
  return (
    _name: string,
    _instructions: string,
    _lang: string,
    prompts: { echo?: boolean }[],
    finish: (answers: string[]) => void,
  ) => {
    finish(prompts.map((prompt) => (prompt.echo || asked ? '' : password)));
    asked ||= prompts.length > 0;
  };
}
