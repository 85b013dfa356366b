/** Campaigns over devices in memory: a bundle on the disk, a folder of campaigns, engines that can be killed. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openBundle } from '../../src/core/firmware/bundle-file.ts';
import { createCampaigns, type Campaigns } from '../../src/core/firmware/campaigns.ts';
import { deviceTarget } from '../../src/core/firmware/device-target.ts';
import type { FirmwareTarget } from '../../src/core/firmware/target.ts';
import type { Campaign, FirmwareFile } from '../../src/shared/campaign.ts';
import { bareDevice } from './fake-fleet.ts';
import { fastClock } from './fast-clock.ts';
import { FakeFirmwareDevice, type Fate } from './fake-firmware-device.ts';
import { firmwareFile } from './firmware-file.ts';
import { testKey, writeTestBundle } from './firmware.ts';
import { noLog } from '../../src/shared/log.ts';
import { until } from './until.ts';

/** Ten minutes of patience pass in 1.2 s. */
const FACTOR = 500;

export class CampaignSite {
  readonly dir = mkdtempSync(join(tmpdir(), 'muster-campaign-'));
  readonly clock = fastClock(FACTOR);
  readonly path = join(this.dir, 'orchard.muster');
  readonly devices = new Map<string, FakeFirmwareDevice>();
  readonly told: Campaign[] = [];
  /** Devices that are not seen now. */
  readonly away = new Set<string>();
  /** Devices that run Nerves. */
  readonly nerves = new Set<string>();
  /** What lies at a path besides the bundle. */
  readonly files = new Map<string, FirmwareFile>();
  file: FirmwareFile = firmwareFile();
  campaigns!: Campaigns;

  /** `bytes`: of incompressible content besides the daemon. */
  static async open(fates: Fate[], bytes = 400_000): Promise<CampaignSite> {
    const site = new CampaignSite();
    await writeTestBundle(site.path, {
      product: 'orchard',
      version: '1.4.0',
      files: { 'lib/data.bin': randomBytes(bytes) },
      keys: [testKey()],
    });
    const bundle = await openBundle(site.path);
    site.file = firmwareFile({ path: site.path, identity: bundle.manifestHash });
    await bundle.close();
    for (const [i, fate] of fates.entries()) {
      const id = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
      site.devices.set(id, new FakeFirmwareDevice(id, site.clock, fate));
    }
    site.campaigns = site.engine();
    onTestFinished(async () => {
      await site.campaigns.close();
      rmSync(site.dir, { recursive: true });
    });
    return site;
  }

  get ids(): string[] {
    return [...this.devices.keys()];
  }

  device(index: number): FakeFirmwareDevice {
    return this.devices.get(this.ids[index]!)!;
  }

  /** Another engine on the same folder; `resume`: it goes on with what was left. */
  engine(resume = true): Campaigns {
    return createCampaigns({
      dir: join(this.dir, 'campaigns'),
      clock: this.clock,
      log: noLog,
      device: (id) =>
        this.devices.has(id)
          ? bareDevice(id, `device-${this.ids.indexOf(id)}`, 0, {
              presence: this.away.has(id) ? 'offline' : 'nearby',
              kind: this.nerves.has(id) ? 'nerves' : 'muster',
            })
          : null,
      inspect: (path) => Promise.resolve(this.files.get(path) ?? this.file),
      target: this.target,
      emit: (campaign) => this.told.push(campaign),
      resume,
    });
  }

  target = (device: string, file: FirmwareFile): FirmwareTarget => {
    const { open } = this.devices.get(device)!;
    return deviceTarget({ device, open, file, clock: this.clock, log: noLog });
  };

  start(order: Partial<Parameters<Campaigns['start']>[0]> = {}): Promise<string> {
    const usual = { canary: 1, cap: 8, maxFailures: 10_000 };
    return this.campaigns.start({ paths: [this.path], devices: this.ids, ...usual, ...order });
  }

  campaign(id: string): Campaign {
    return this.campaigns.snapshot().find((one) => one.id === id)!;
  }

  async ended(id: string, ms = 20_000): Promise<Campaign> {
    await until(() => this.campaign(id).endedAt !== null, 'the end of the push', ms);
    return this.campaign(id);
  }
}
