/**
 * One campaign that is carried out here. Owns: the tries, one a device, and when a device that was lost is tried
 * again. Refuses: to decide (campaign-machine.ts) and to know what kind of device it talks to (target.ts).
 * What a dead engine must not forget is on the disk before it happens. Called by campaigns.ts.
 */
import type { Campaign, CampaignRow, FirmwareFile } from '../../shared/campaign.ts';
import { errorToWire, MusterError, toMusterError, type WireError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Clock } from '../../shared/time.ts';
import { backoffMs } from '../link/backoff.ts';
import { campaignStep, type CampaignAction, type CampaignEvent, type RowEnd } from './campaign-machine.ts';
import { RateMeter } from './rate-meter.ts';
import { UNREACHED, type Ending, type FirmwareTarget, type Progress } from './target.ts';

export interface CampaignRunOptions {
  clock: Clock;
  log: Log;
  /** Place in `files` of the one for a device. Throws FIRMWARE_MISFIT, DEVICE_UNKNOWN. */
  fitting: (device: string, files: readonly FirmwareFile[]) => number;
  /** The target for one try at a device. */
  target: (device: string, file: FirmwareFile) => FirmwareTarget;
  /** True when the device is seen now. */
  nearby: (device: string) => boolean;
  /** Resolves when this state of the campaign is on the disk. */
  save: (campaign: Campaign) => Promise<void>;
  onChange: (campaign: Campaign) => void;
}

interface Try {
  abort: AbortController;
  target: FirmwareTarget | null;
  ended: Promise<void>;
}

type RowEvent = CampaignEvent extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : never) : never;

export class CampaignRun {
  readonly #options: CampaignRunOptions;
  #campaign: Campaign;
  #saved: Promise<void> = Promise.resolve();
  readonly #tries = new Map<string, Try>();
  /** Devices that were lost: how often in a row, and the timer of the next try. */
  readonly #lost = new Map<string, { times: number; cancel: (() => void) | null }>();
  readonly #untouched = new Set<string>();
  #closed = false;

  constructor(campaign: Campaign, options: CampaignRunOptions) {
    this.#campaign = campaign;
    this.#options = options;
  }

  get campaign(): Campaign {
    return this.#campaign;
  }

  /** `resume`: what an engine before left. */
  begin(how: 'start' | 'resume'): void {
    this.#dispatch({ type: how });
    for (const { device, stage } of this.#campaign.rows)
      if (stage === 'offline' && this.#options.nearby(device)) this.seen(device);
  }

  cancel(): void {
    this.#dispatch({ type: 'cancel' });
  }

  retry(): void {
    this.#untouched.clear();
    this.#dispatch({ type: 'retry' });
  }

  /** The device is there: its turn comes, unless it was lost just now and is tried again soon anyway. */
  seen(device: string): void {
    if (!this.#lost.get(device)?.cancel) this.#dispatch({ type: 'seen', device });
  }

  /** Resolves when all tries so far have ended and the disk has it. */
  async settled(): Promise<void> {
    await Promise.all([...this.#tries.values()].map(({ ended }) => ended));
    await this.#saved;
  }

  /** Lets go of everything as it is; the campaign can be resumed from the disk. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { cancel } of this.#lost.values()) cancel?.();
    for (const { abort, target } of this.#tries.values()) {
      abort.abort();
      target?.close();
    }
    await this.settled();
  }

  #row(device: string): CampaignRow {
    const row = this.#campaign.rows.find((one) => one.device === device);
    if (!row) throw new MusterError('INTERNAL', 'no such row', { device });
    return row;
  }

  #dispatch(event: RowEvent): void {
    if (this.#closed) return;
    const { clock, log, save, onChange } = this.#options;
    const before = this.#campaign;
    const { campaign, actions } = campaignStep(before, { ...event, at: clock.wall() });
    if (campaign === before) return;
    this.#campaign = campaign;
    const moved =
      campaign.state !== before.state ||
      campaign.endedAt !== before.endedAt ||
      campaign.rows.some(({ stage }, i) => stage !== before.rows[i]?.stage);
    if (moved || event.type === 'start')
      this.#saved = save(campaign).catch((error: Error) =>
        log('error', 'a push could not be written down', { campaign: campaign.id, error: error.message }),
      );
    onChange(campaign);
    for (const action of actions) this.#obey(action);
  }

  #obey({ type, device }: CampaignAction): void {
    const before = this.#tries.get(device);
    if (type === 'stop') return before?.abort.abort();
    const abort = new AbortController();
    const mine: Try = { abort, target: null, ended: Promise.resolve() };
    this.#tries.set(device, mine);
    mine.ended = (before?.ended ?? Promise.resolve())
      .then(() => this.#try(device, mine, type))
      .finally(() => {
        if (this.#tries.get(device) === mine) this.#tries.delete(device);
      });
  }

  /** Never throws: what goes wrong is the row's. */
  async #try(device: string, mine: Try, how: 'begin' | 'follow'): Promise<void> {
    const { signal } = mine.abort;
    if (signal.aborted || this.#closed) return;
    try {
      const target = this.#options.target(device, this.#fileOf(device, how));
      mine.target = target;
      if (how === 'follow' || (await this.#bring(target, device, signal)))
        this.#ended(device, await target.follow((progress) => this.#tell(device, progress), signal));
    } catch (thrown) {
      // a stopped try leaves its row as the machine has put it
      if (!signal.aborted) this.#failed(device, toMusterError(thrown));
    } finally {
      mine.target?.close();
    }
  }

  /** What a device was sent stays its file to the end; before that it is chosen anew at each try. */
  #fileOf(device: string, how: 'begin' | 'follow'): FirmwareFile {
    const { files } = this.#campaign;
    const kept = how === 'follow' ? this.#row(device).file : null;
    const file = kept ?? this.#options.fitting(device, files);
    this.#dispatch({ type: 'told', device, facts: { file } });
    return files[file]!;
  }

  /** Checks and sends; true when the device is to be followed. */
  async #bring(target: FirmwareTarget, device: string, signal: AbortSignal): Promise<boolean> {
    const { verdict, from, rollsBack, warning } = await target.check(signal);
    if (signal.aborted) return false;
    this.#forgetLoss(device);
    this.#dispatch({ type: 'told', device, facts: { from, rollsBack, detail: warning } });
    if (verdict === 'current') {
      this.#dispatch({ type: 'ended', device, end: 'current', detail: null, error: null });
      return false;
    }
    const committing = async () => {
      this.#dispatch({ type: 'committed', device });
      if (signal.aborted || this.#row(device).stage !== 'installing')
        throw new MusterError('CANCELLED', 'the push was cancelled');
      await this.#saved;
    };
    if (verdict === 'trial') await committing();
    else {
      this.#dispatch({ type: 'told', device, stage: 'sending', facts: {} });
      await target.send({ onProgress: this.#sending(device), committing, signal });
    }
    return true;
  }

  /** Adds up over cuts: what an earlier try has brought is no longer asked for. */
  #sending(device: string): (progress: Progress) => void {
    const meter = new RateMeter();
    const known = this.#row(device).total;
    let before: number | null = null;
    return ({ sent, total, detail }) => {
      if (detail !== undefined) this.#dispatch({ type: 'told', device, facts: { detail } });
      if (sent === undefined || total === undefined) return;
      before ??= Math.max(0, (known ?? total) - total);
      const facts = meter.take(this.#options.clock.monotonic(), before + sent, before + total);
      if (facts) this.#dispatch({ type: 'told', device, facts });
    };
  }

  #tell(device: string, { detail, secondsLeft, trial }: Progress): void {
    const facts = {
      ...(detail === undefined ? {} : { detail }),
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
    };
    this.#dispatch({ type: 'told', device, facts, ...(trial ? { stage: 'trial' as const } : {}) });
  }

  #ended(device: string, { end, reason }: Ending): void {
    const { name } = this.#row(device);
    if (end === 'untouched' && !this.#untouched.has(device)) {
      this.#untouched.add(device);
      return this.#dispatch({ type: 'untouched', device });
    }
    const last: RowEnd = end === 'untouched' ? 'failed' : end;
    const detail = end === 'untouched' ? 'it was sent the firmware twice and has not tried it' : reason;
    const error: Record<RowEnd, WireError | null> = {
      confirmed: null,
      current: null,
      'rolled-back': wire('FIRMWARE_ROLLED_BACK', detail, name),
      failed: wire('REFUSED', detail, name),
      unknown: wire('HOST_UNREACHABLE', detail, name),
    };
    this.#dispatch({ type: 'ended', device, end: last, detail, error: error[last] });
  }

  #failed(device: string, thrown: MusterError): void {
    const { name, stage } = this.#row(device);
    const { code, message, details, cause } = thrown;
    const error = errorToWire(new MusterError(code, message, { name, ...details }, cause));
    const committed = stage === 'installing' || stage === 'trial';
    if (!committed && UNREACHED.has(code)) {
      this.#dispatch({ type: 'lost', device, error });
      return this.#tryAgainSoon(device);
    }
    this.#dispatch({ type: 'ended', device, end: 'failed', detail: null, error });
  }

  /** A device that is seen but was lost is tried again after a while; one that is not seen when it is. */
  #tryAgainSoon(device: string): void {
    const { clock, nearby } = this.#options;
    const loss = this.#lost.get(device) ?? { times: 0, cancel: null };
    this.#lost.set(device, loss);
    if (this.#closed || !nearby(device)) return;
    loss.cancel = clock.after(backoffMs(loss.times++, Math.random()), () => {
      loss.cancel = null;
      this.#dispatch({ type: 'seen', device });
    });
  }

  #forgetLoss(device: string): void {
    this.#lost.get(device)?.cancel?.();
    this.#lost.delete(device);
  }
}

function wire(
  code: 'FIRMWARE_ROLLED_BACK' | 'REFUSED' | 'HOST_UNREACHABLE',
  reason: string | null,
  name: string,
): WireError {
  return errorToWire(new MusterError(code, reason ?? code, reason === null ? { name } : { name, reason }));
}
