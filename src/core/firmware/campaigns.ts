/**
 * All pushes of a site. Owns: which of them this engine carries out, the history of the others, and how often shells
 * are told. Refuses: to carry out what another engine on this site does. Called by the engine and its handlers.
 */
import { randomBytes } from 'node:crypto';
import type { Campaign, FirmwareFile } from '../../shared/campaign.ts';
import type { DeviceRecord } from '../../shared/engine-contract.ts';
import { MusterError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Clock } from '../../shared/time.ts';
import { newRow } from './campaign-machine.ts';
import { CampaignRun } from './campaign-run.ts';
import { openCampaignStore } from './campaign-store.ts';
import { fittingFile } from './fitting-file.ts';
import type { FirmwareTarget } from './target.ts';

/** A shell is told of a campaign at most this often, ms. */
const TELL_MS = 250;
/** How often campaigns of other engines are looked for, and those of dead ones taken over, ms. */
const LOOK_MS = 5000;
/** Ended campaigns that are kept. */
const KEPT = 100;

export interface CampaignsOptions {
  /** Folder of their files. */
  dir: string;
  clock: Clock;
  log: Log;
  /** The row of a device, null when it is not known. */
  device: (id: string) => DeviceRecord | null;
  inspect: (path: string) => Promise<FirmwareFile>;
  target: (device: string, file: FirmwareFile) => FirmwareTarget;
  emit: (campaign: Campaign) => void;
  /** Go on with what an engine before has left, and with what it leaves from now on. */
  resume: boolean;
}

/** What a person chose. */
export interface CampaignStart {
  /** One to eight files; each device gets the first of its kind. */
  paths: readonly string[];
  devices: string[];
  canary: number;
  cap: number;
  maxFailures: number;
}

export interface Campaigns {
  /** Throws FIRMWARE_INVALID, DEVICE_UNKNOWN. */
  start(chosen: CampaignStart): Promise<string>;
  /** Throws CAMPAIGN_UNKNOWN, REFUSED while another engine carries it out. */
  cancel(id: string): void;
  /** Throws as `cancel`. */
  retry(id: string): void;
  /** Newest first. */
  snapshot(): Campaign[];
  /** Looks at a device's row that is new or changed. */
  review(record: DeviceRecord): void;
  /** Lets go of all; what is not over is resumed by the next engine. */
  close(): Promise<void>;
}

/** Opens the folder and starts what is to be gone on with. Throws what the disk throws. */
export function createCampaigns(options: CampaignsOptions): Campaigns {
  const { clock, log, device, inspect, target, emit } = options;
  const store = openCampaignStore(options.dir, log);
  const known = new Map<string, Campaign>();
  const runs = new Map<string, CampaignRun>();
  const telling = new Map<string, () => void>();
  let cancelLook = () => {};

  function recordOf(id: string): DeviceRecord {
    const record = device(id);
    if (!record) throw new MusterError('DEVICE_UNKNOWN', 'no such device', { device: id });
    return record;
  }
  const nearby = (id: string) => device(id)?.presence === 'nearby';

  function tellSoon(campaign: Campaign): void {
    const { id } = campaign;
    known.set(id, campaign);
    if (telling.has(id)) return;
    telling.set(
      id,
      clock.after(TELL_MS, () => {
        telling.delete(id);
        emit(known.get(id)!);
      }),
    );
  }

  function carryOut(campaign: Campaign): CampaignRun {
    const { id } = campaign;
    const run = new CampaignRun(campaign, {
      clock,
      log,
      fitting: (device, files) => fittingFile(recordOf(device), files),
      target,
      nearby,
      save: (state) => store.save(state),
      onChange(state) {
        tellSoon(state);
        if (state.endedAt !== null) void release(id);
      },
    });
    runs.set(id, run);
    return run;
  }

  /** Lets go of one that is over, unless it is tried again meanwhile. */
  async function release(id: string): Promise<void> {
    const run = runs.get(id);
    await run?.settled();
    if (!run || runs.get(id) !== run || run.campaign.endedAt === null) return;
    runs.delete(id);
    store.release(id);
  }

  /** Has the run of a campaign do what a person wants. */
  function act(id: string, deed: (run: CampaignRun) => void): void {
    const campaign = known.get(id);
    if (!campaign) throw new MusterError('CAMPAIGN_UNKNOWN', 'no such campaign', { campaign: id });
    const running = runs.get(id);
    if (!running && !store.claim(id))
      throw new MusterError('REFUSED', 'another engine carries it out', {
        name: 'This window',
        reason: 'another Muster on this machine carries that push out',
      });
    const run = running ?? carryOut(campaign);
    deed(run);
    if (!running) run.begin('resume');
    if (run.campaign.endedAt !== null) void release(id);
  }

  function look(): void {
    for (const campaign of store.changed()) {
      if (runs.has(campaign.id)) continue;
      tellSoon(campaign);
    }
    if (options.resume)
      for (const campaign of known.values())
        if (campaign.endedAt === null && !runs.has(campaign.id) && store.claim(campaign.id)) {
          log('info', 'going on with a push', { campaign: campaign.id });
          carryOut(campaign).begin('resume');
        }
    cancelLook = clock.after(LOOK_MS, look);
  }

  function snapshot(): Campaign[] {
    return [...known.values()].toSorted((a, b) => b.startedAt - a.startedAt);
  }

  function forgetOld(): void {
    for (const { id } of snapshot()
      .filter(({ endedAt }) => endedAt !== null)
      .slice(KEPT)) {
      known.delete(id);
      store
        .remove(id)
        .catch((error: Error) => log('warn', 'an old push stays', { campaign: id, error: error.message }));
    }
  }

  look();
  return {
    async start({ paths, devices, canary, cap, maxFailures }) {
      const files = await Promise.all(paths.map((path) => inspect(path)));
      const rows = [...new Set(devices)].map((id) => {
        const record = recordOf(id);
        return newRow(record.id, record.name, record.presence !== 'offline');
      });
      const startedAt = clock.wall();
      const id = `push-${startedAt.toString(36)}-${randomBytes(3).toString('hex')}`;
      const order = { canary, cap, maxFailures };
      const state = { state: 'running', reason: null, startedAt, endedAt: null } as const;
      store.claim(id);
      carryOut({ id, files, ...state, ...order, rows }).begin('start');
      forgetOld();
      return id;
    },
    cancel: (id) => act(id, (run) => run.cancel()),
    retry: (id) => act(id, (run) => run.retry()),
    snapshot,
    review({ id, presence }) {
      if (presence === 'nearby') for (const run of runs.values()) run.seen(id);
    },
    async close() {
      cancelLook();
      for (const cancel of telling.values()) cancel();
      await Promise.all(
        [...runs].map(async ([id, run]) => {
          await run.close();
          store.release(id);
        }),
      );
    },
  };
}
