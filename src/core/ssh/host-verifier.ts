/**
 * The guard between ssh2 and trust. ssh2 takes anything but `undefined` as "accepted", a promise included,
 * so that an asynchronous verifier would let every host in. Here only a plain `null`, given at once, accepts.
 */
import type { Fingerprint } from '../../shared/engine-contract.ts';
import { MusterError, toMusterError } from '../../shared/errors.ts';
import { fingerprintOf } from '../trust/fingerprint.ts';

/** Judges a host key at once: null accepts, an error refuses with that reason. */
export type Verify = (fingerprint: Fingerprint) => MusterError | null;

/** Told once a key was judged; `refusal` null means accepted. */
export type OnVerdict = (fingerprint: Fingerprint | null, refusal: MusterError | null) => void;

/** Wraps `verify` for ssh2's `hostVerifier`: a throw, a promise or any other answer can only refuse. */
export function hostVerifier(verify: Verify, onVerdict: OnVerdict): (key: Uint8Array) => boolean {
  return (key) => {
    let fingerprint: Fingerprint | null = null;
    let refusal: MusterError | null;
    try {
      fingerprint = fingerprintOf(key);
      refusal = verdict(verify(fingerprint));
    } catch (thrown) {
      refusal = toMusterError(thrown);
    }
    onVerdict(fingerprint, refusal);
    return refusal === null;
  };
}

function verdict(answer: unknown): MusterError | null {
  if (answer === null || answer instanceof MusterError) return answer;
  // A rejected promise must not end the process on top of being refused.
  if (answer instanceof Promise) answer.catch(() => {});
  return new MusterError('INTERNAL', 'the host key verifier did not answer at once');
}
