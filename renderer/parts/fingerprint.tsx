/** A host key to be compared: a few plain words to read aloud, and SHA-256 to the letter. */
import type { Fingerprint } from '../../src/shared/engine-contract.ts';
import styles from './fingerprint.module.css';

/** `fingerprint.words` may be empty for a key of which only the hash was kept. `label` names whose it is. */
export function FingerprintCard({ fingerprint, label }: { fingerprint: Fingerprint; label: string }) {
  return (
    <figure className={styles.card}>
      <figcaption className={styles.label}>
        {label}
        {fingerprint.type !== '' && `, ${fingerprint.type}`}
      </figcaption>
      {fingerprint.words !== '' && <p className={styles.words}>{fingerprint.words}</p>}
      <code className={styles.hash}>{fingerprint.sha256}</code>
    </figure>
  );
}
