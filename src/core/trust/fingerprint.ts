/**
 * Fingerprints of SSH host keys: the form ssh-keygen prints, and the same hash as words to read aloud.
 * Owns: the hash and its spellings. Refuses: any decision about trust (host-key-decision.ts).
 */
import { createHash } from 'node:crypto';
import type { Fingerprint } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import { WORDS } from './words.ts';

/** Eight words are 64 bits of the hash: too many to imitate by trying keys, few enough to read to the end. */
const WORD_COUNT = 8;

/**
 * The fingerprint of a public key blob (RFC 4253 section 6.6: a length-prefixed type, then the key).
 * Throws BAD_INPUT when `blob` does not begin with a plausible type.
 */
export function fingerprintOf(blob: Uint8Array): Fingerprint {
  const hash = createHash('sha256').update(blob).digest();
  return {
    sha256: `SHA256:${hash.toString('base64').replace(/=+$/, '')}`,
    type: keyType(blob),
    words: [...hash.subarray(0, WORD_COUNT)].map((byte) => WORDS[byte]).join(' '),
  };
}

function keyType(blob: Uint8Array): string {
  const length = blob.length < 4 ? 0 : new DataView(blob.buffer, blob.byteOffset, 4).getUint32(0);
  const type = Buffer.from(blob.subarray(4, 4 + Math.min(length, 60))).toString('latin1');
  if (length === 0 || length > 60 || type.length !== length || !/^[\x21-\x7e]+$/.test(type))
    throw new MusterError('BAD_INPUT', 'not an SSH public key');
  return type;
}
