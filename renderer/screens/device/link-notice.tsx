/** What stands between the person and live readings: an error of the link, or a backlog. Nothing when all is well. */
import { Button, Progress } from '@mantine/core';
import { useState } from 'react';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { errorText } from '../../../src/shared/error-text.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { useNow } from '../../parts/use-now.ts';
import { useMuster } from '../../stores/muster.tsx';
import { formatCount, formatDay, formatDuration } from '../../text/format.ts';
import styles from './device-page.module.css';

/** True when `LinkNotice` has something to say about `device`. */
export function hasLinkNotice({ link }: DeviceRecord): boolean {
  if (link.state === 'catching-up') return true;
  return link.error !== null && (link.state === 'waiting' || link.state === 'refused');
}

export function LinkNotice({ device }: { device: DeviceRecord }) {
  const { link, name, hostKey } = device;
  const now = useNow();
  const { ui } = useMuster();
  if (!hasLinkNotice(device)) return null;
  if (link.state === 'catching-up') return <CatchingUp key={link.since} name={name} behind={link.behind} />;
  const facts = { device: name, ...(hostKey ? { trusted: formatDay(hostKey.trustedAt, now) } : {}) };
  if (!link.error) return null;
  if (link.state === 'refused')
    return (
      <ErrorNote error={link.error} facts={facts}>
        <Button
          variant="default"
          onClick={() => ui.getState().openDrawer({ name: 'install', devices: [device.id] })}
        >
          {link.error.code === 'HOST_KEY_CHANGED' ? 'Compare the fingerprints…' : 'Log in again…'}
        </Button>
      </ErrorNote>
    );
  const { title, next } = errorText(link.error.code, { ...facts, ...link.error.details });
  return (
    <p className={styles.notice} role="status" title={link.error.message}>
      <strong>{title}</strong> {next}
      {link.nextAttemptAt !== null && (
        <> Next attempt in {formatDuration(Math.max(0, link.nextAttemptAt - now))}.</>
      )}
    </p>
  );
}

function CatchingUp({ name, behind }: { name: string; behind: number | null }) {
  const [most, setMost] = useState(behind ?? 0);
  if (behind !== null && behind > most) setMost(behind);
  const text =
    behind === null
      ? `${name} hands over what it recorded meanwhile.`
      : `${name} hands over what it recorded meanwhile: ${formatCount(behind, 'batch', 'batches')} to go.`;
  return (
    <div className={styles.notice} role="status">
      <p>{text}</p>
      {behind !== null && most > 0 && (
        <Progress value={(1 - behind / most) * 100} size="sm" transitionDuration={0} aria-label="Fetched" />
      )}
    </div>
  );
}
