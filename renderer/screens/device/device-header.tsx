/** Name, state and the facts a technician looks for first. */
import { Button } from '@mantine/core';
import IconFileTypeCsv from '@tabler/icons-react/dist/esm/icons/IconFileTypeCsv.mjs';
import IconTrash from '@tabler/icons-react/dist/esm/icons/IconTrash.mjs';
import type { ReactNode } from 'react';
import { CLOCK_WORDS } from '../../../src/shared/clock-words.ts';
import type { DeviceStatus } from '../../../src/shared/device-contract.ts';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import type { ClockSource } from '../../../src/shared/reading.ts';
import { watchdogText } from '../../../src/shared/watchdog-text.ts';
import { StateWord } from '../../parts/state-word.tsx';
import { useNow } from '../../parts/use-now.ts';
import { useMuster } from '../../stores/muster.tsx';
import { deviceState, newestAddress, reachedBy } from '../../text/device-state.ts';
import { formatAgo, formatBytes } from '../../text/format.ts';
import { journalTrouble, writtenADay } from '../../text/journal-words.ts';
import { hasLinkNotice } from './link-notice.tsx';
import styles from './device-page.module.css';

/** Who set the clock, and when it was this laptop. */
function clockWords({ clockSetAt }: DeviceRecord, clock: ClockSource): string {
  if (clock !== 'laptop' || !clockSetAt) return CLOCK_WORDS[clock];
  const at = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(clockSetAt);
  return `set from this laptop at ${at}`;
}

export function DeviceHeader({ device, status }: { device: DeviceRecord; status: DeviceStatus | null }) {
  const { ui } = useMuster();
  const now = useNow();
  const { tone, word, sentence } = deviceState(device, now);
  const save = () => {
    ui.getState().setSelection([device.id]);
    ui.getState().go({ name: 'export' });
  };
  return (
    <header className={styles.header}>
      <div className={styles.title}>
        <h1>{device.name}</h1>
        <StateWord tone={tone} word={word} title={sentence} />
        {device.link.state !== 'live' && !hasLinkNotice(device) && (
          <span className={styles.sentence}>{sentence}</span>
        )}
        <div className={`${styles.actions} no-print`}>
          {device.newest !== null && (
            <Button variant="default" leftSection={<IconFileTypeCsv size={16} />} onClick={save}>
              Save CSV…
            </Button>
          )}
          {device.installed && device.mine && (
            <Button
              variant="default"
              leftSection={<IconTrash size={16} />}
              onClick={() => ui.getState().openDrawer({ name: 'uninstall', device: device.id })}
            >
              Uninstall…
            </Button>
          )}
        </div>
      </div>
      <dl className={styles.facts}>
        {facts(device, status, now).map(([name, value, warns]) => (
          <div key={name} data-warns={warns}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

/** Name, value and whether it needs attention. What is not known is left out. */
function facts(
  device: DeviceRecord,
  status: DeviceStatus | null,
  now: number,
): [name: string, value: ReactNode, warns: boolean][] {
  const rows: [string, ReactNode, boolean][] = [];
  if (device.model) rows.push(['Model', device.model, false]);
  const address = newestAddress(device);
  if (address)
    rows.push([
      'Reached',
      `${address.host}, ${reachedBy(device)}, ${formatAgo(address.lastSeen, now)}`,
      false,
    ]);
  if (device.clock) rows.push(['Clock', clockWords(device, device.clock), device.clock === 'none']);
  if (device.daemonVersion) rows.push(['Daemon', device.daemonVersion, false]);
  if (status) {
    const { freeBytes, totalBytes } = status.disk;
    const full = totalBytes > 0 && freeBytes / totalBytes < 0.05;
    rows.push(['Disk', `${formatBytes(freeBytes)} free of ${formatBytes(totalBytes)}`, full]);
    rows.push(['Card wear', writtenADay(status.journal), false]);
    const trouble = journalTrouble(status.journal);
    if (trouble !== null) rows.push(['Recording', trouble, true]);
    const watchdog = watchdogText(status.watchdog);
    if (watchdog !== null) rows.push(['Watchdog', watchdog, false]);
  }
  return rows;
}
