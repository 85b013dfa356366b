/** Is this the right box? First contact, and a key that is not the one trusted before. */
import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { DeviceRecord, Fingerprint } from '../../../src/shared/engine-contract.ts';
import type { WireError } from '../../../src/shared/errors.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { FingerprintCard } from '../../parts/fingerprint.tsx';
import styles from './install.module.css';

export function ConfirmKey(props: {
  name: string;
  fingerprint: Fingerprint;
  onYes: () => void;
  onNo: () => void;
}) {
  return (
    <section className={styles.part}>
      <h3>Is this the right box?</h3>
      <p className={styles.quiet}>
        {props.name} shows this fingerprint. Compare it with the sticker on the box, or with{' '}
        <code>ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub</code> typed there. Nothing was sent yet.
      </p>
      <FingerprintCard fingerprint={props.fingerprint} label="Fingerprint of the box that answers" />
      <div className={styles.actions}>
        <Button onClick={props.onYes} data-autofocus>
          This is the right box
        </Button>
        <Button variant="default" onClick={props.onNo}>
          Stop
        </Button>
      </div>
    </section>
  );
}

/** Trusting another key is a deliberate act: compare, tick, press. */
export function KeyChanged(props: {
  device: DeviceRecord;
  error: WireError;
  offered: Fingerprint;
  onTrust: () => void;
  onStop: () => void;
}) {
  const { device, error, offered } = props;
  const [compared, setCompared] = useState(false);
  const trusted = device.hostKey;
  const pinned = error.details['pinned'];
  const before = trusted ?? (typeof pinned === 'string' ? { sha256: pinned, type: '', words: '' } : null);
  return (
    <section className={styles.part}>
      <ErrorNote error={error} facts={{ name: device.name, trustedAt: trusted?.trustedAt ?? null }} />
      {before && <FingerprintCard fingerprint={before} label="The key you trusted" />}
      <FingerprintCard fingerprint={offered} label="The key that answers now" />
      <Checkbox
        label="I compared the second fingerprint with the box itself"
        checked={compared}
        onChange={(event) => setCompared(event.currentTarget.checked)}
      />
      <div className={styles.actions}>
        <Button variant="default" onClick={props.onStop}>
          Stop
        </Button>
        <Button color="var(--bad)" disabled={!compared} onClick={props.onTrust}>
          Trust the new key
        </Button>
      </div>
    </section>
  );
}
