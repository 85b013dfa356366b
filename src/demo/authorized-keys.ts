/** The keys that may log in, from the text of an authorized_keys file (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */

/** A public key line: its type and its bytes. */
export interface AuthorizedKey {
  type: string;
  blob: Buffer;
}

/**
 * Lines that begin with a key type. A line with options (`command=`, `from=` …) is left out: what it would
 * restrict is not carried out here, so it must not open the door either.
 */
export function authorizedKeys(text: string): AuthorizedKey[] {
  return text.split('\n').flatMap((line) => {
    const [type = '', base64 = ''] = line.trim().split(/\s+/);
    if (!/^(?:ssh|ecdsa)-[a-z0-9-]+$/.test(type)) return [];
    const blob = Buffer.from(base64, 'base64');
    return blob.length > 0 ? [{ type, blob }] : [];
  });
}
