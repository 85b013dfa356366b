/** What went wrong between us and a broker, in words that name the broker and what to do. Pure. */
import { MusterError } from '../../../src/shared/errors.ts';
import { isDistrust, reachWords } from '../../platform/reach-words.ts';

/** No way to the broker, or none any more. Trying again may help. */
export function unreachable(broker: string, why: string, cause?: unknown): MusterError {
  return new MusterError(
    'BROKER_UNREACHABLE',
    `the broker ${broker}: ${why}`,
    { broker, reason: why },
    cause,
  );
}

/** The broker answers, and says no. */
export function refused(broker: string, why: string, cause?: unknown): MusterError {
  return new MusterError('BROKER_REFUSED', `the broker ${broker} ${why}`, { broker, reason: why }, cause);
}

const NO_MQTT = 'something answers there, but not in MQTT; correct the address or the port';

/**
 * By the answer to CONNECT: MQTT 3.1.1 section 3.2.2.3 (1 to 5), MQTT 5 section 3.2.2.2 (128 and up).
 * Passwords and rights are told apart from the rest.
 */
const BY_CONNACK: Readonly<Record<number, string>> = {
  2: 'refuses the client id; choose another clientId',
  3: 'is not ready for us; see its log',
  4: 'refuses the user name or the password; correct user and passwordFile',
  5: 'does not let us in; give user and passwordFile, or the user the right to connect',
  133: 'refuses the client id; choose another clientId',
  134: 'refuses the user name or the password; correct user and passwordFile',
  135: 'does not let us in; give user and passwordFile, or the user the right to connect',
  136: 'is not ready for us; see its log',
  137: 'is busy; see its log',
  138: 'has banned us; see its log',
};
/** The protocol's version is not known there. */
const OTHER_VERSION = new Set([1, 132]);

/** True for a refusal after which MQTT 3.1.1 is tried instead of MQTT 5, or the other way. */
export function isOtherVersion(error: unknown): boolean {
  return OTHER_VERSION.has(Number((error as { code?: unknown } | null)?.code));
}

/** What a connection ended by, before or after it stood. `error`: of the socket, of TLS, or of the library. */
export function brokerError(broker: string, error: unknown): MusterError {
  if (error instanceof MusterError) return error;
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  if (typeof code === 'number') {
    const why = BY_CONNACK[code];
    return refused(broker, why ?? `refuses the connection (code ${code}); see its log`, error);
  }
  const errno = typeof code === 'string' ? code : '';
  const known = reachWords(errno);
  if (known) return unreachable(broker, known, error);
  if (isDistrust(errno))
    return refused(
      broker,
      `has a certificate that is not trusted (${errno}); name its authority's file in caFile`,
      error,
    );
  if (/^ERR_SSL|^EPROTO/.test(errno))
    return unreachable(broker, 'it does not speak TLS there; use mqtt:// or correct the port', error);
  if (message === 'connack timeout')
    return unreachable(broker, 'no answer in MQTT came; see whether it runs, and correct the port', error);
  // the parser's own words are of no use to anybody
  return unreachable(broker, errno || NO_MQTT, error);
}

/** By the reason of a DISCONNECT that the broker sent (MQTT 5 section 3.14.2.1). */
export function dismissed(broker: string, reason: number): MusterError {
  if (reason === 142)
    return refused(
      broker,
      'gave our place to another client of the same id; choose another clientId for one of them',
    );
  if (reason === 139) return unreachable(broker, 'it is being switched off');
  return unreachable(broker, `it ended the connection (reason ${reason}); see its log`);
}
