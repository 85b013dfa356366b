/** What a failure between the TCP connection and "logged in" means, in our codes. */
import { MusterError, type ErrorCode } from '../../shared/errors.ts';

/** What was observed when the handshake failed. */
export interface HandshakeFailure {
  error: Error & { level?: string; code?: unknown };
  host: string;
  port: number;
  /** Bytes received in all. */
  received: number;
  /** The far side's identification line (RFC 4253 section 4.2) as far as it came, null when none was seen. */
  ident: string | null;
}

/** Maps a failure. Authentication failures are not mapped here: the auth sequence knows what was tried. */
export function handshakeError({ error, host, port, received, ident }: HandshakeFailure): MusterError {
  const details = { host, port, ident };
  const as = (code: ErrorCode, message: string) => new MusterError(code, message, details, error);
  if (received > 0 && !ident?.startsWith('SSH-2.') && !ident?.startsWith('SSH-1.99'))
    return as('NOT_SSH', `what answers on ${host}:${port} does not speak SSH 2`);
  if (error.level === 'client-timeout' || error.message === 'handshake timeout')
    return as('HOST_UNREACHABLE', `${host}:${port} took the connection but did not finish the SSH handshake`);
  if (/no matching/i.test(error.message))
    return as('UNSUPPORTED', `${host}:${port} shares no algorithm with us: ${error.message}`);
  return as('CONNECTION_LOST', `${host}:${port} ended the connection during the handshake: ${error.message}`);
}

/** True when the server refused to let the user in, by its answer or by cutting off after too many tries. */
export function isAuthFailure(error: Error & { level?: string }): boolean {
  return error.level === 'client-authentication' || /too many authentication failures/i.test(error.message);
}
