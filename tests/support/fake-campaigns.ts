/**
 * Firmware of make-believe for the fake engine: the real order of a campaign (campaign-machine.ts), with devices that
 * do their part by a timer. A device whose name is in `fates` ends as told there; one that is offline waits.
 */
import {
  campaignStep,
  newRow,
  type CampaignEvent,
  type RowEnd,
} from '../../src/core/firmware/campaign-machine.ts';
import { fittingFile } from '../../src/core/firmware/fitting-file.ts';
import type { Campaign, FirmwareFile, SigningKey } from '../../src/shared/campaign.ts';
import type { DeviceRecord, EngineContract } from '../../src/shared/engine-contract.ts';
import { errorToWire, MusterError } from '../../src/shared/errors.ts';
import type { FirmwareState } from '../../src/shared/firmware.ts';
import type { Handlers } from '../../src/shared/peer.ts';
import { firmwareFile } from './firmware-file.ts';

const BYTES = 640_000;
/** Parts that a device's bytes come in. */
const PARTS = 8;
const KEY: SigningKey = {
  id: '4f1d2c3b4a596877',
  name: 'Nordfeld workshop',
  key: Buffer.alloc(32, 7).toString('base64'),
  own: true,
};
const REASON = 'the sensor outside, which measured before, did not for 60 s';

type Calls = Pick<
  Handlers<EngineContract>,
  Extract<keyof Handlers<EngineContract>, `${'firmware' | 'campaign' | 'campaigns'}.${string}`>
>;

export interface FakeCampaigns {
  readonly campaigns: Map<string, Campaign>;
  /** How devices end, by name; all others are confirmed. */
  readonly fates: Map<string, Exclude<RowEnd, 'current'>>;
  readonly handlers: Calls;
}

export function createFakeCampaigns(options: {
  stepMs: number;
  device: (id: string) => DeviceRecord;
  emit: (campaign: Campaign) => void;
}): FakeCampaigns {
  const { stepMs, device, emit } = options;
  const campaigns = new Map<string, Campaign>();
  const fates = new Map<string, Exclude<RowEnd, 'current'>>();
  let serial = 0;

  function fileAt(path: string): FirmwareFile {
    if (!/\.(mfw|fw)$/.test(path))
      throw new MusterError('FIRMWARE_INVALID', path, { path, reason: 'it does not begin as a bundle does' });
    const signatures = [{ key: KEY.id, name: KEY.name, good: true }];
    return path.endsWith('.fw')
      ? firmwareFile({
          path,
          signatures,
          kind: 'nerves',
          product: 'weather',
          version: '2.0.1',
          platform: 'rpi4',
          architectures: ['arm'],
          runtime: null,
        })
      : firmwareFile({ path, signatures });
  }

  const files = (paths: readonly string[]) => paths.map(fileAt);

  function fitting(id: string, among: readonly FirmwareFile[]): number | null {
    try {
      return fittingFile(device(id), among);
    } catch {
      return null;
    }
  }

  function known(id: string): Campaign {
    const campaign = campaigns.get(id);
    if (!campaign) throw new MusterError('CAMPAIGN_UNKNOWN', 'no such campaign', { campaign: id });
    return campaign;
  }

  function dispatch(id: string, event: CampaignEvent): void {
    const { campaign, actions } = campaignStep(known(id), event);
    campaigns.set(id, campaign);
    emit(campaign);
    for (const { type, device: row } of actions) if (type === 'begin') void doPart(id, row);
  }

  async function doPart(id: string, row: string): Promise<void> {
    const tick = () => new Promise((resolve) => setTimeout(resolve, stepMs));
    const at = () => Date.now();
    const tell = (event: CampaignEvent) => dispatch(id, event);
    await tick();
    const file = fitting(row, known(id).files);
    const facts = { file, from: '1.3.2', total: BYTES, rollsBack: 'yes' } as const;
    tell({ type: 'told', device: row, stage: 'sending', facts, at: at() });
    for (let part = 1; part <= PARTS; part++) {
      await tick();
      const rate = (BYTES / PARTS / stepMs) * 1000;
      const secondsLeft = ((PARTS - part) * stepMs) / 1000;
      const sent = (BYTES / PARTS) * part;
      tell({ type: 'told', device: row, facts: { sent, rate, secondsLeft }, at: at() });
    }
    tell({ type: 'committed', device: row, at: at() });
    await tick();
    const detail = 'Healthy for 60 s without a break (12 s so far)';
    tell({ type: 'told', device: row, stage: 'trial', facts: { detail, secondsLeft: 48 }, at: at() });
    await tick();
    const { name } = device(row);
    const end = fates.get(name) ?? 'confirmed';
    const reason = end === 'confirmed' ? null : REASON;
    const code = end === 'rolled-back' ? 'FIRMWARE_ROLLED_BACK' : 'HOST_UNREACHABLE';
    const error = reason && errorToWire(new MusterError(code, reason, { name, reason }));
    tell({ type: 'ended', device: row, end, detail: reason, error: error || null, at: at() });
  }

  const state: FirmwareState = {
    running: 'a',
    slots: [
      { slot: 'a', product: 'orchard', version: '1.3.2', runtime: '24.21.0', manifest: 'c'.repeat(64) },
      { slot: 'b', product: 'orchard', version: '1.3.1', runtime: '24.21.0', manifest: 'd'.repeat(64) },
      { slot: 'factory', product: 'muster', version: '0.1.0', runtime: '24.21.0', manifest: null },
    ],
    trial: null,
    last: { manifest: 'c'.repeat(64), version: '1.3.2', outcome: 'confirmed', reason: 'healthy for 60 s' },
    keys: [{ id: KEY.id, name: KEY.name, key: KEY.key }],
    revoked: [],
  };

  const handlers: Calls = {
    'firmware.inspect': ({ path }) => fileAt(path),
    'firmware.state': () => state,
    'firmware.rollBack': () => ({ version: '1.3.1' }),
    'firmware.keys': () => ({ keys: [KEY] }),
    'firmware.trust': () => ({}),
    'firmware.revoke': () => ({}),
    'campaign.preview': ({ paths, devices }) => ({
      files: files(paths),
      rows: devices.map((id) => {
        const { name, presence, installed, kind } = device(id);
        const row = { device: id, name, from: '1.3.2', file: fitting(id, files(paths)) };
        if (row.file === null)
          return { ...row, from: null, verdict: 'refused', reason: `This firmware does not fit ${name}.` };
        if (!installed && kind !== 'nerves')
          return { ...row, from: null, verdict: 'refused', reason: `Muster is not on ${name}.` };
        if (presence === 'offline')
          return { ...row, from: null, verdict: 'offline', reason: 'waits until it is seen' };
        return { ...row, verdict: 'update', reason: null };
      }),
    }),
    'campaign.start'({ paths, devices, ...order }) {
      const id = `push-${++serial}`;
      const rows = devices.map((one) => newRow(one, device(one).name, device(one).presence !== 'offline'));
      const times = { startedAt: Date.now(), endedAt: null };
      const begun = { state: 'running', reason: null, ...times } as const;
      campaigns.set(id, { id, files: files(paths), ...begun, ...order, rows });
      dispatch(id, { type: 'start', at: Date.now() });
      return { campaign: id };
    },
    'campaign.cancel'({ campaign }) {
      dispatch(known(campaign).id, { type: 'cancel', at: Date.now() });
      return {};
    },
    'campaign.retry'({ campaign }) {
      dispatch(known(campaign).id, { type: 'retry', at: Date.now() });
      return {};
    },
    'campaigns.snapshot': () => ({
      campaigns: [...campaigns.values()].toSorted((a, b) => b.startedAt - a.startedAt),
    }),
  };
  return { campaigns, fates, handlers };
}
