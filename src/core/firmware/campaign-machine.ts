/**
 * What a campaign does next. Pure: (campaign, event) -> (campaign, actions); campaigns.ts obeys.
 *
 *   waiting -> checking -> sending -> installing -> trial -> confirmed, rolled-back, failed, unknown
 *   checking -> current, or installing when somebody else has sent it the same; checking, sending -> failed
 *   checking, sending -lost-> offline -seen-> waiting; installing, trial -untouched-> waiting
 *
 * Nobody is begun but by `schedule`: canaries first, never more than the cap, nobody once the campaign is over.
 * Who is not committed (before `installing`) can be stopped without harm; who is, is followed to its end.
 */
import type { Campaign, CampaignRow, CampaignStage } from '../../shared/campaign.ts';
import type { WireError } from '../../shared/errors.ts';

/** Under way, and safe to stop. */
const STOPPABLE: ReadonlySet<CampaignStage> = new Set(['checking', 'sending']);
/** The device may restart, or has. */
const COMMITTED: ReadonlySet<CampaignStage> = new Set(['installing', 'trial']);
const QUEUED: ReadonlySet<CampaignStage> = new Set(['waiting', 'offline']);
const PROVEN: ReadonlySet<CampaignStage> = new Set(['confirmed', 'current']);
const FAILURES: ReadonlySet<CampaignStage> = new Set(['rolled-back', 'failed', 'unknown']);

/** Facts about a row that change nothing in the order of things. */
export type RowFacts = Partial<
  Pick<CampaignRow, 'file' | 'from' | 'sent' | 'total' | 'rate' | 'secondsLeft' | 'detail' | 'rollsBack'>
>;

/** How a device's part can end by what happened on it. */
export type RowEnd = 'confirmed' | 'current' | 'rolled-back' | 'failed' | 'unknown';

/** `at` is epoch ms. An event that does not fit the row's stage changes nothing. */
export type CampaignEvent = { at: number } & (
  | { type: 'start' | 'resume' | 'cancel' | 'retry' }
  | { type: 'seen' | 'committed' | 'untouched'; device: string }
  | { type: 'told'; device: string; stage?: 'sending' | 'trial'; facts: RowFacts }
  | { type: 'lost'; device: string; error: WireError }
  | { type: 'ended'; device: string; end: RowEnd; detail: string | null; error: WireError | null }
);

/** `begin`: check, send and follow. `follow`: only await its end. `stop`: leave it as it is. */
export interface CampaignAction {
  type: 'begin' | 'follow' | 'stop';
  device: string;
}

/** A row before its turn. */
export function newRow(device: string, name: string, online: boolean): CampaignRow {
  return {
    device,
    name,
    stage: online ? 'waiting' : 'offline',
    file: null,
    from: null,
    sent: 0,
    total: null,
    rate: null,
    secondsLeft: null,
    detail: null,
    rollsBack: 'unknown',
    error: null,
  };
}

/** The next state and what to do. */
export function campaignStep(
  campaign: Campaign,
  event: CampaignEvent,
): { campaign: Campaign; actions: CampaignAction[] } {
  const { changed, actions } = apply(campaign, event);
  if (changed === campaign) return { campaign, actions };
  return schedule(changed, event.at, actions);
}

function apply(campaign: Campaign, event: CampaignEvent): { changed: Campaign; actions: CampaignAction[] } {
  const only = (changed: Campaign) => ({ changed, actions: [] });
  switch (event.type) {
    case 'start':
      return only({ ...campaign });
    case 'resume': {
      const actions = campaign.rows
        .filter(({ stage }) => COMMITTED.has(stage))
        .map(({ device }): CampaignAction => ({ type: 'follow', device }));
      const changed = mapRows(campaign, (row) => (STOPPABLE.has(row.stage) ? queued(row) : row));
      return { changed, actions };
    }
    case 'cancel':
      return campaign.state === 'running' ? halt(campaign, 'cancelled', null) : only(campaign);
    case 'retry': {
      if (!campaign.rows.some(({ stage }) => FAILURES.has(stage))) return only(campaign);
      const rows = campaign.rows.map((row) => (FAILURES.has(row.stage) ? queued(row, 0, null) : row));
      return only({ ...campaign, rows, state: 'running', reason: null, endedAt: null });
    }
    case 'seen':
      return only(change(campaign, event.device, ['offline'], queued));
    case 'told': {
      const { stage, facts } = event;
      const from: CampaignStage[] =
        stage === 'sending'
          ? ['checking', 'sending']
          : stage === 'trial'
            ? ['installing', 'trial']
            : ['checking', 'sending', 'installing', 'trial'];
      return only(
        change(campaign, event.device, from, (row) => ({ ...row, ...facts, stage: stage ?? row.stage })),
      );
    }
    case 'committed':
      return only(change(campaign, event.device, ['checking', 'sending'], installing));
    case 'untouched':
      return only(change(campaign, event.device, ['installing', 'trial'], queued));
    case 'lost':
      return only(
        change(campaign, event.device, ['checking', 'sending'], (row) => ({
          ...queued(row),
          stage: 'offline',
          error: event.error,
        })),
      );
    case 'ended': {
      const { device, end, detail, error } = event;
      const idle = { rate: null, secondsLeft: null };
      return only(
        change(campaign, device, ['checking', 'sending', 'installing', 'trial'], (row) => ({
          ...row,
          ...idle,
          stage: end,
          detail,
          error,
        })),
      );
    }
  }
}

/** Ends what is over, stops what must stop, begins whom it may. */
function schedule(
  campaign: Campaign,
  at: number,
  before: CampaignAction[],
): { campaign: Campaign; actions: CampaignAction[] } {
  let next = campaign;
  const actions = [...before];
  const failed = next.rows.filter(({ stage }) => FAILURES.has(stage)).length;
  if (next.state === 'running' && failed >= next.maxFailures) {
    const left = next.rows.some(({ stage }) => QUEUED.has(stage) || STOPPABLE.has(stage));
    if (left) {
      const reason = `${failed} of ${next.rows.length} ${next.rows.length === 1 ? 'device' : 'devices'} failed`;
      const halted = halt(next, 'stopped', reason);
      next = halted.changed;
      actions.push(...halted.actions);
    }
  }
  if (next.state === 'running') {
    const proven = next.rows.filter(({ stage }) => PROVEN.has(stage)).length;
    const active = next.rows.filter(({ stage }) => STOPPABLE.has(stage) || COMMITTED.has(stage)).length;
    const limit = proven < next.canary ? Math.min(next.cap, next.canary - proven) : next.cap;
    let free = limit - active;
    const rows = next.rows.map((row) => {
      if (free <= 0 || row.stage !== 'waiting') return row;
      free--;
      actions.push({ type: 'begin', device: row.device });
      return { ...row, stage: 'checking' as const, detail: null };
    });
    next = { ...next, rows };
  } else {
    // a committed row that was found untouched after the end is not begun again
    next = mapRows(next, (row) => (QUEUED.has(row.stage) ? withdrawn(row, next.state) : row));
  }
  const over = next.rows.every(
    ({ stage }) => !QUEUED.has(stage) && !STOPPABLE.has(stage) && !COMMITTED.has(stage),
  );
  if (over && next.endedAt === null)
    next = { ...next, endedAt: at, state: next.state === 'running' ? 'done' : next.state };
  return { campaign: next, actions };
}

/** Withdraws all that is not committed. */
function halt(campaign: Campaign, state: 'stopped' | 'cancelled', reason: string | null) {
  const actions = campaign.rows
    .filter(({ stage }) => STOPPABLE.has(stage))
    .map(({ device }): CampaignAction => ({ type: 'stop', device }));
  const rows = campaign.rows.map((row) =>
    QUEUED.has(row.stage) || STOPPABLE.has(row.stage) ? withdrawn(row, state) : row,
  );
  return { changed: { ...campaign, rows, state, reason }, actions };
}

function withdrawn(row: CampaignRow, state: Campaign['state']): CampaignRow {
  const begun = row.sent > 0 ? 'left as it was' : 'not begun';
  const detail =
    state === 'stopped'
      ? `${begun}: the push was stopped after a failure`
      : row.stage === 'offline'
        ? `${begun}: it was not reached`
        : begun;
  return { ...queued(row), stage: 'cancelled', detail };
}

function queued(row: CampaignRow, sent = row.sent, total = row.total): CampaignRow {
  return { ...row, stage: 'waiting', sent, total, rate: null, secondsLeft: null, detail: null, error: null };
}

function installing(row: CampaignRow): CampaignRow {
  return { ...row, stage: 'installing', rate: null, secondsLeft: null, detail: null };
}

/** Changes the row of a device when it is in one of these stages. */
function change(
  campaign: Campaign,
  device: string,
  from: readonly CampaignStage[],
  to: (row: CampaignRow) => CampaignRow,
): Campaign {
  const fits = campaign.rows.some((row) => row.device === device && from.includes(row.stage));
  return fits ? mapRows(campaign, (row) => (row.device === device ? to(row) : row)) : campaign;
}

function mapRows(campaign: Campaign, to: (row: CampaignRow) => CampaignRow): Campaign {
  return { ...campaign, rows: campaign.rows.map(to) };
}
