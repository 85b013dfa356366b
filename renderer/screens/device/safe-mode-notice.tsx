/** A device whose drivers are off because its daemon died again and again: why, and what to do about it. */
import { Button } from '@mantine/core';
import IconAlertTriangleFilled from '@tabler/icons-react/dist/esm/icons/IconAlertTriangleFilled.mjs';
import { useState } from 'react';
import type { DeviceStatus } from '../../../src/shared/device-contract.ts';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import styles from './safe-mode-notice.module.css';
import { causeSentence } from './tree-deeds.ts';

interface SafeModeNoticeProps {
  name: string;
  status: DeviceStatus | null;
  /** Switches the drivers on again. */
  leave: () => Promise<unknown>;
}

export function SafeModeNotice({ name, status, leave }: SafeModeNoticeProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  if (status?.mode !== 'safe') return null;
  async function go(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      await leave();
    } catch (thrown) {
      setError(errorToWire(thrown));
    } finally {
      setBusy(false);
    }
  }
  return (
    <section className={styles.notice} role="status" aria-label="Safe mode">
      <IconAlertTriangleFilled size={20} className={styles.icon} aria-hidden />
      <div className={styles.body}>
        <h3>{name} is in safe mode: its sensors are off.</h3>
        {status.modeReason !== null && <p>{causeSentence(status.modeReason)}</p>}
        <p>
          What it recorded before is safe and can be fetched and saved. If you suspect one sensor, take it out
          under Tree. Then switch the others on again.
        </p>
        <Button loading={busy} onClick={() => void go()}>
          Switch the sensors on again
        </Button>
        {error && <ErrorNote error={error} facts={{ name }} />}
      </div>
    </section>
  );
}
