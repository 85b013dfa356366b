/** Watches a push to its end, telling what each device does as it happens; Ctrl+C cancels it. */
import type { Engine } from '../core/engine.ts';
import type { Campaign, CampaignRow, FirmwareFile } from '../shared/campaign.ts';
import { errorText } from '../shared/error-text.ts';
import type { Output } from './output.ts';

/** Devices that nobody sees keep a push open; this one is left to the next engine after so long, ms. */
const UNSEEN_MS = 20_000;

/** Something is done or about to be. */
const BUSY: ReadonlySet<CampaignRow['stage']> = new Set([
  'waiting',
  'checking',
  'sending',
  'installing',
  'trial',
]);

function underWay({ stage, error }: CampaignRow): boolean {
  return BUSY.has(stage) || (stage === 'offline' && error?.code === 'DEVICE_BUSY');
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** One line about where a device is; null for a stage that says nothing new. */
export function rowText(row: CampaignRow, version: string): string | null {
  const { name, from, stage, detail, sent, total, rate, error } = row;
  const why = error ? errorText(error.code, error.details).title : detail;
  const seconds = rate && total ? ` at ${megabytes(rate)}/s` : '';
  switch (stage) {
    case 'waiting':
    case 'checking':
      return null;
    case 'offline':
      return `… ${name} waits${why ? `: ${why}` : ' until it is seen'}`;
    case 'sending':
      return `… ${name} gets ${version}${from ? `, runs ${from}` : ''}${detail ? ` (${detail})` : ''}`;
    case 'installing':
      return `… ${name} has it all (${megabytes(sent)}${seconds}) and restarts: do not switch it off`;
    case 'trial':
      return `… ${name} is back and proves itself${detail ? `: ${detail}` : ''}`;
    case 'confirmed':
      return `✓ ${name} runs ${version}`;
    case 'current':
      return `✓ ${name} ran ${version} already`;
    case 'cancelled':
      return `– ${name}: ${detail ?? 'not begun'}`;
    case 'rolled-back':
    case 'failed':
    case 'unknown':
      return `✗ ${why ?? name}${stage === 'unknown' && detail ? ` (${detail})` : ''}`;
  }
}

/** The campaign when it is over, or when only devices are left that nobody sees. */
export function followCampaign(engine: Engine, id: string, output: Output): Promise<Campaign> {
  const told = new Map<string, string>();
  return new Promise((resolve) => {
    let latest: Campaign | null = null;
    let unseenSince = performance.now();
    let cancelled = false;

    const cancel = () => {
      if (cancelled) return latest ? done(latest) : undefined;
      cancelled = true;
      output.progress(
        'Cancelled: nobody new is begun. Devices that restart are seen to their end; Ctrl+C again leaves them to themselves.',
      );
      void engine.handlers['campaign.cancel']({ campaign: id });
    };
    const done = (campaign: Campaign) => {
      unsubscribe();
      clearInterval(timer);
      process.off('SIGINT', cancel);
      process.off('SIGTERM', cancel);
      resolve(campaign);
    };
    const see = (campaign: Campaign) => {
      if (campaign.id !== id) return;
      latest = campaign;
      for (const row of campaign.rows) {
        // of what a trial waits for, the first word is enough
        if (told.get(row.device) === row.stage) continue;
        told.set(row.device, row.stage);
        const line = rowText(row, campaign.files[row.file ?? 0]!.version);
        if (line !== null) output.progress(line);
      }
      if (campaign.endedAt !== null) done(campaign);
      else if (campaign.rows.some(underWay)) unseenSince = performance.now();
    };
    const unsubscribe = engine.subscribe((name, payload) => {
      if (name === 'campaign') see(payload as Campaign);
    });
    const timer = setInterval(() => {
      if (latest && !latest.rows.some(underWay) && performance.now() - unseenSince > UNSEEN_MS) done(latest);
    }, 1000);
    process.on('SIGINT', cancel);
    process.on('SIGTERM', cancel);
    void Promise.resolve(engine.handlers['campaigns.snapshot']({})).then(({ campaigns }) =>
      campaigns.forEach((campaign) => see(campaign)),
    );
  });
}

/** `orchard 1.4.0`. */
export function firmwareName({ product, version }: FirmwareFile): string {
  return `${product} ${version}`;
}

/** One sentence about all of it, and whether all is well. */
export function campaignText({ files, state, reason, rows }: Campaign): { text: string; good: boolean } {
  const count = (...stages: CampaignRow['stage'][]) =>
    rows.filter(({ stage }) => stages.includes(stage)).length;
  const well = count('confirmed', 'current');
  const parts = [
    [count('rolled-back'), 'went back to what they ran'],
    [count('failed'), 'failed'],
    [count('unknown'), 'not seen again'],
    [count('cancelled'), 'left as they were'],
    [count('offline', 'waiting'), 'not seen yet: a window or "muster serve" goes on with them'],
  ] as const;
  const others = parts.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`);
  const halted = state === 'stopped' && reason ? ` Stopped: ${reason}.` : '';
  const text = `${well} of ${rows.length} run ${files.map(firmwareName).join(' or ')}${others.length > 0 ? `; ${others.join('; ')}` : ''}.${halted}`;
  return { text, good: well === rows.length };
}
