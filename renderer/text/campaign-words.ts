/** A push to many devices in words: how each device does, how the whole does, what may be switched off. Pure. */
import type { Campaign, CampaignRow, CampaignStage, FirmwareFile } from '../../src/shared/campaign.ts';
import type { Tone } from './device-state.ts';
import { formatBytes, formatCount, formatDuration, formatNames } from './format.ts';

const STAGES: Record<CampaignStage, { tone: Tone; word: string; ended: boolean }> = {
  waiting: { tone: 'unknown', word: 'Waiting', ended: false },
  offline: { tone: 'attention', word: 'Not reachable', ended: false },
  checking: { tone: 'unknown', word: 'Asking', ended: false },
  sending: { tone: 'unknown', word: 'Sending', ended: false },
  installing: { tone: 'attention', word: 'Restarting', ended: false },
  trial: { tone: 'attention', word: 'Proving itself', ended: false },
  confirmed: { tone: 'good', word: 'Done', ended: true },
  current: { tone: 'good', word: 'Had it already', ended: true },
  'rolled-back': { tone: 'bad', word: 'Went back', ended: true },
  failed: { tone: 'bad', word: 'Failed', ended: true },
  unknown: { tone: 'bad', word: 'Not seen again', ended: true },
  cancelled: { tone: 'unknown', word: 'Cancelled', ended: true },
};

/** Icon and word of a row. */
export function stageWord({ stage }: Pick<CampaignRow, 'stage'>): { tone: Tone; word: string } {
  return STAGES[stage];
}

/** `3.1 MB of 12 MB, 4.2 MB/s, 2 s left`; null when nothing is being sent or waited for. */
export function rowProgress(row: CampaignRow): string | null {
  const left =
    row.secondsLeft === null ? [] : [`${formatDuration(Math.max(1, row.secondsLeft) * 1000)} left`];
  if (row.stage === 'trial' || row.stage === 'installing') return left[0] ?? null;
  if (row.stage !== 'sending' || row.total === null) return null;
  const rate = row.rate === null ? [] : [`${formatBytes(row.rate)}/s`];
  return [`${formatBytes(row.sent)} of ${formatBytes(row.total)}`, ...rate, ...left].join(', ');
}

/** Part of the bytes that is there, 0 to 100; null when nothing is being sent. */
export function rowShare({ stage, sent, total }: CampaignRow): number | null {
  if (stage !== 'sending' || !total) return null;
  return Math.min(100, (sent / total) * 100);
}

/**
 * Names of the devices that must keep their power now: they are putting the new version in force or proving it. While
 * bytes are only being sent a device may be switched off: it goes on where it was.
 */
export function mustKeepPower(rows: readonly CampaignRow[]): string[] {
  return rows.filter(({ stage }) => stage === 'installing' || stage === 'trial').map(({ name }) => name);
}

export interface CampaignTotals {
  done: number;
  bad: number;
  offline: number;
  /** Neither at an end nor waiting for a device that is not there. */
  open: number;
  sent: number;
  total: number;
}

export function totalsOf(rows: readonly CampaignRow[]): CampaignTotals {
  const totals: CampaignTotals = { done: 0, bad: 0, offline: 0, open: 0, sent: 0, total: 0 };
  for (const { stage, sent, total } of rows) {
    const { tone, ended } = STAGES[stage];
    if (ended && tone === 'good') totals.done++;
    else if (ended && tone === 'bad') totals.bad++;
    else if (stage === 'offline') totals.offline++;
    else if (!ended) totals.open++;
    totals.sent += sent;
    totals.total += total ?? 0;
  }
  return totals;
}

/** How a push does, as icon, word and sentence. */
export function campaignState({ state, reason, rows }: Campaign): {
  tone: Tone;
  word: string;
  sentence: string;
} {
  const { done, bad, offline, open } = totalsOf(rows);
  const share = `${done} of ${formatCount(rows.length, 'device')} ${done === 1 ? 'has' : 'have'} it`;
  const troubled = bad === 0 ? [] : [`${bad} did not take it`];
  if (state === 'running') {
    const waits = offline === 0 ? [] : [`${offline} not reachable, served as soon as they are seen`];
    const only = open === 0 && offline > 0;
    return {
      tone: bad > 0 ? 'attention' : 'unknown',
      word: only ? 'Waiting' : 'Under way',
      sentence: `${[share, ...troubled, ...waits].join('; ')}.`,
    };
  }
  const sentence = `${[share, ...troubled].join('; ')}.${reason === null ? '' : ` ${reason}`}`;
  if (state === 'stopped') return { tone: 'bad', word: 'Stopped', sentence };
  if (state === 'cancelled') return { tone: 'unknown', word: 'Cancelled', sentence };
  return bad > 0
    ? { tone: 'attention', word: 'Ended, not everywhere', sentence }
    : { tone: 'good', word: 'Done', sentence };
}

/** How many rows a retry would take up again: failed, gone back, or not seen again. */
export function retryable(rows: readonly CampaignRow[]): number {
  return totalsOf(rows).bad;
}

/** `orchard 1.4.0`. */
export function firmwareName({ product, version }: Pick<FirmwareFile, 'product' | 'version'>): string {
  return `${product} ${version}`;
}

/** `orchard 1.4.0 and weather 2.0.1`. */
export function filesName({ files }: Pick<Campaign, 'files'>): string {
  return formatNames(files.map(firmwareName));
}

/** Who signed, in a sentence with its tone. */
export function signatureWords({ kind, signatures }: FirmwareFile): { tone: Tone; word: string } {
  const bad = signatures.find(({ good }) => good === false);
  if (bad) return { tone: 'bad', word: `The signature of ${bad.name ?? bad.key} is not good` };
  const good = signatures.find((signature) => signature.good === true);
  if (good) return { tone: 'good', word: `Signed by ${good.name ?? good.key}` };
  const [unknown] = signatures;
  if (unknown)
    return { tone: 'attention', word: `Signed by ${unknown.key}, a key this laptop does not know` };
  return kind === 'nerves'
    ? { tone: 'attention', word: 'Not signed; the device takes it without a question' }
    : { tone: 'bad', word: 'Not signed: every device will refuse it' };
}
