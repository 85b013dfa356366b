/** Trust on first use, as a pure decision: what to make of the host key a device offers. */
import type { Fingerprint } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';

/** What is known before the device answers. Fingerprints are `SHA256:…` strings. */
export interface HostKeyKnowledge {
  /** The key pinned in the device's record, null on first contact. */
  pinned: string | null;
  /** The key a person has just confirmed, null when nobody did. */
  confirmed: string | null;
}

/**
 * `trusted`: the pinned key. `confirmed`: new, and the very key a person confirmed: pin it.
 * `new`: first contact, ask. `changed`: another key than the pinned one; a confirmation does not heal it,
 * since replacing trust is a decision of its own.
 */
export type HostKeyVerdict = 'trusted' | 'confirmed' | 'new' | 'changed';

/** Decides. Pure. */
export function decideHostKey(known: HostKeyKnowledge, offered: string): HostKeyVerdict {
  if (known.pinned !== null) return known.pinned === offered ? 'trusted' : 'changed';
  return known.confirmed === offered ? 'confirmed' : 'new';
}

/** The error a verdict stands for, null when the connection may go on. Synchronous: fit for ssh2's verifier. */
export function refuseHostKey(known: HostKeyKnowledge, offered: Fingerprint): MusterError | null {
  switch (decideHostKey(known, offered.sha256)) {
    case 'trusted':
    case 'confirmed':
      return null;
    case 'new':
      return new MusterError('HOST_KEY_UNKNOWN', 'this host key is new', { ...offered });
    case 'changed':
      return new MusterError('HOST_KEY_CHANGED', 'the host key differs from the pinned one', {
        ...offered,
        pinned: known.pinned,
      });
  }
}

/** The new key that a connection was refused for, to be shown to a person. Throws on what it is not about. */
export function offeredKey(thrown: unknown): Fingerprint {
  if (!(thrown instanceof MusterError) || thrown.code !== 'HOST_KEY_UNKNOWN') throw thrown;
  const { sha256, type, words } = thrown.details;
  return { sha256: String(sha256), type: String(type), words: String(words) };
}
