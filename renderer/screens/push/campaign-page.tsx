/**
 * One push as it goes: is it going well, may I pull the cable? A row a device with its step, bar, rate, time left and
 * outcome; totals; whose power must stay on; cancel, and try again where it did not go well.
 */
import { Button, Progress } from '@mantine/core';
import IconPlug from '@tabler/icons-react/dist/esm/icons/IconPlug.mjs';
import IconUpload from '@tabler/icons-react/dist/esm/icons/IconUpload.mjs';
import { useState } from 'react';
import type { Campaign, CampaignRow } from '../../../src/shared/campaign.ts';
import { errorText } from '../../../src/shared/error-text.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { StateWord } from '../../parts/state-word.tsx';
import { toastError } from '../../parts/toast-error.ts';
import { VirtualRows } from '../../parts/virtual-rows.tsx';
import { useCampaigns, useMuster } from '../../stores/muster.tsx';
import {
  campaignState,
  filesName,
  mustKeepPower,
  retryable,
  rowProgress,
  rowShare,
  stageWord,
  totalsOf,
} from '../../text/campaign-words.ts';
import { formatBytes, formatCount, formatNames, formatTime } from '../../text/format.ts';
import { FirmwareFacts } from './firmware-facts.tsx';
import styles from './push.module.css';

export function CampaignPage({ id }: { id: string }) {
  const { ui } = useMuster();
  const campaign = useCampaigns((state) => state.campaigns.get(id));
  const loaded = useCampaigns((state) => state.loaded);
  if (campaign) return <Known campaign={campaign} />;
  if (!loaded) return null;
  return (
    <EmptyState
      icon={<IconUpload size={32} stroke={1.5} />}
      title="This push is not known here any more"
      text="It belongs to another site, or its file was taken away."
    >
      <Button onClick={() => ui.getState().go({ name: 'push' })}>All pushes</Button>
    </EmptyState>
  );
}

function Known({ campaign }: { campaign: Campaign }) {
  const { engine, ui } = useMuster();
  const { tone, word, sentence } = campaignState(campaign);
  const totals = totalsOf(campaign.rows);
  const powered = mustKeepPower(campaign.rows);
  const again = retryable(campaign.rows);
  const [busy, setBusy] = useState(false);
  const act = (name: 'campaign.cancel' | 'campaign.retry') => {
    setBusy(true);
    void engine.call[name]({ campaign: campaign.id })
      .catch(toastError)
      .finally(() => setBusy(false));
  };
  return (
    <div className={styles.campaign}>
      <header className={styles.head}>
        <h1>
          {filesName(campaign)} to {formatCount(campaign.rows.length, 'device')}
        </h1>
        <div className={styles.actions}>
          {campaign.state === 'running' && (
            <Button variant="default" loading={busy} onClick={() => act('campaign.cancel')}>
              Cancel
            </Button>
          )}
          {campaign.state !== 'running' && again > 0 && (
            <Button loading={busy} onClick={() => act('campaign.retry')}>
              Try again on {formatCount(again, 'device')}
            </Button>
          )}
          <Button variant="default" onClick={() => ui.getState().go({ name: 'push' })}>
            All pushes
          </Button>
        </div>
      </header>
      <div className={styles.progress}>
        <section className={styles.summary} aria-live="polite">
          <StateWord tone={tone} word={word} />
          <p>{sentence}</p>
          <p className={styles.quiet} title={formatTime(campaign.startedAt)}>
            Begun <RelativeTime at={campaign.startedAt} />; {formatCount(campaign.canary, 'device')} first,
            then {campaign.cap} at a time, stop after {formatCount(campaign.maxFailures, 'failure')}.
            {totals.total > 0 && ` ${formatBytes(totals.sent)} of ${formatBytes(totals.total)} sent.`}
          </p>
          {/* Keeps its place, so that no row moves when it comes and goes. */}
          <p className={styles.power} data-on={powered.length > 0 || undefined} role="status">
            {powered.length > 0 ? (
              <>
                <IconPlug size={20} aria-hidden /> Do not switch off {formatNames(powered)}.
              </>
            ) : (
              <span className={styles.quiet}>Every device may be switched off now.</span>
            )}
          </p>
        </section>
        <section className={styles.file}>
          <FirmwareFacts files={campaign.files} />
        </section>
      </div>
      <Failures rows={campaign.rows} />
      <VirtualRows
        label="Devices of this push"
        head={['Device', 'Was', 'Gets', 'State', 'How far', 'What happened']}
        columns="minmax(120px, 1fr) 80px 80px 136px minmax(240px, 1.2fr) minmax(160px, 2fr)"
        rows={campaign.rows}
        keyOf={(row) => row.device}
        cells={(row) => cells(row, campaign.files)}
      />
    </div>
  );
}

/** Sentences shown whole; the table has them all. */
const TOLD = 20;

/** What went wrong, to be read whole without pointing at anything. */
function Failures({ rows }: { rows: readonly CampaignRow[] }) {
  const failed = rows.filter(({ error }) => error !== null);
  if (failed.length === 0) return null;
  return (
    <section className={styles.failures} aria-label="What went wrong" tabIndex={0}>
      <ul>
        {failed.slice(0, TOLD).map((row) => (
          <li key={row.device}>
            <strong>{row.name}</strong>: {outcome(row)}
          </li>
        ))}
      </ul>
      {failed.length > TOLD && (
        <p className={styles.quiet}>And {failed.length - TOLD} more, in the table below.</p>
      )}
    </section>
  );
}

function cells(row: CampaignRow, files: Campaign['files']) {
  const share = rowShare(row);
  const progress = rowProgress(row);
  const told = outcome(row);
  return [
    <strong key="name" title={row.name}>
      {row.name}
    </strong>,
    row.from ?? '–',
    row.file === null ? '–' : (files[row.file]?.version ?? '–'),
    <StateWord key="stage" {...stageWord(row)} />,
    <span key="far" className={styles.far}>
      {share !== null && <Progress value={share} size={4} radius={2} aria-label={`Sending to ${row.name}`} />}
      {progress}
    </span>,
    <span key="told" title={told}>
      {told}
    </span>,
  ];
}

/** The sentence of an error with its reason, else what the device said of itself. */
function outcome({ error, detail, name, rollsBack, stage }: CampaignRow): string {
  if (error) {
    const { title, next } = errorText(error.code, { name, ...error.details });
    return `${title} ${next}`;
  }
  if (detail !== null) return detail;
  return rollsBack === 'no' && stage === 'sending'
    ? 'It cannot go back by itself if this version is bad.'
    : '';
}
