/** Which host key a server with several is asked for: the pinned one, else whatever it prefers. Pure. */

const KNOWN = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'] as const;
/** One RSA key signs in two ways (RFC 8332). */
const RSA = ['rsa-sha2-512', 'rsa-sha2-256'] as const;

/** The algorithms to be preferred for a pinned key of this type; none without one. */
export function hostKeyAlgorithms(pinnedType: string | undefined) {
  return pinnedType === 'ssh-rsa' ? [...RSA] : KNOWN.filter((one) => one === pinnedType);
}
