/** What stands between the person and live readings: an error of the link, or a backlog. Nothing when all is well. */
import { Progress } from '@mantine/core';
import { useState } from 'react';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { useNow } from '../../parts/use-now.ts';
import { formatCount, formatDay, formatDuration } from '../../text/format.ts';
import styles from './device-page.module.css';

export function LinkNotice({ device }: { device: DeviceRecord }) {
  const { link, name, hostKey } = device;
  const now = useNow();
  if (link.state === 'catching-up') return <CatchingUp key={link.since} name={name} behind={link.behind} />;
  if (!link.error || (link.state !== 'waiting' && link.state !== 'refused')) return null;
  const facts = { device: name, ...(hostKey ? { trusted: formatDay(hostKey.trustedAt, now) } : {}) };
  return (
    <ErrorNote error={link.error} facts={facts}>
      {link.state === 'waiting' && link.nextAttemptAt !== null && (
        <p>Next attempt in {formatDuration(Math.max(0, link.nextAttemptAt - now))}.</p>
      )}
    </ErrorNote>
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
