/** Why a server could not be reached, in words that say what to do. Pure. */

/** By the error of a socket (errno(3), getaddrinfo(3)). */
const BY_ERRNO: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there; see whether it runs, and correct the port',
  ECONNRESET: 'it cut the connection',
  EPIPE: 'it cut the connection',
  ENOTFOUND: 'its name cannot be found; correct it, or use its address',
  EAI_AGAIN: 'its name cannot be looked up now; is the network up?',
  EHOSTUNREACH: 'there is no way to it; is it on, and on this network?',
  ENETUNREACH: 'there is no network to it; is the cable in?',
  ETIMEDOUT: 'it does not answer; is it on, and on this network?',
};

/** Null for a code that is not about reaching anybody. */
export function reachWords(code: string): string | null {
  return Object.hasOwn(BY_ERRNO, code) ? (BY_ERRNO[code] ?? null) : null;
}

/** True for the codes of a certificate that is not trusted: names of OpenSSL and of Node's own checks. */
export function isDistrust(code: string): boolean {
  return /CERT|SELF_SIGNED|ISSUER|ALTNAME|SIGNATURE/.test(code);
}
