import { describe, expect, it } from 'vitest';
import type { CampaignRow, CampaignStage } from '../../src/shared/campaign.ts';
import type { ErrorCode } from '../../src/shared/errors.ts';
import { CampaignSite } from '../support/campaign-site.ts';
import type { Fate } from '../support/fake-firmware-device.ts';
import { until } from '../support/until.ts';

const DEVICES = 300;

/** What the report must say: stage, error, what the device runs, words of the reason. */
type Wanted = [CampaignStage, ErrorCode | null, string, RegExp | null];
const WELL: Wanted = ['confirmed', null, '1.4.0', null];
const WANTED: Record<Exclude<Fate, 'well'>, Wanted> = {
  unreachable: ['cancelled', null, '1.0.0', /not begun: it was not reached/],
  untrusted: ['failed', 'FIRMWARE_UNTRUSTED', '1.0.0', null],
  misfit: ['failed', 'FIRMWARE_MISFIT', '1.0.0', null],
  'disk-full': ['failed', 'DISK_FULL', '1.0.0', null],
  damaged: ['failed', 'FIRMWARE_DAMAGED', '1.0.0', null],
  'install-fails': ['failed', 'FIRMWARE_DAMAGED', '1.0.0', null],
  'no-restart': ['failed', 'REFUSED', '1.0.0', /did not restart/],
  'rolls-back': ['rolled-back', 'FIRMWARE_ROLLED_BACK', '1.0.0', /the sensor outside/],
  'never-back': ['unknown', 'HOST_UNREACHABLE', '1.0.0', /not seen again for 10 minutes/],
};
const KINDS = Object.keys(WANTED) as Exclude<Fate, 'well'>[];
/** One in ten, of every kind in turn. */
const FATES = Array.from({ length: DEVICES }, (_, i): Fate =>
  i % 10 === 7 ? KINDS[Math.floor(i / 10) % KINDS.length]! : 'well',
);

describe('a campaign of 300 devices of which one in ten fails in some way', () => {
  it('ends with a report that is right row by row', async () => {
    const site = await CampaignSite.open(FATES, 20_000);
    const id = await site.start({ canary: 3, cap: 64 });
    const queued = ({ stage }: CampaignRow) => stage === 'offline' || stage === 'checking';
    const unreachable = FATES.filter((fate) => fate === 'unreachable').length;
    await until(
      () => {
        const { rows } = site.campaign(id);
        const open = rows.filter(({ stage }) =>
          ['waiting', 'sending', 'installing', 'trial'].includes(stage),
        );
        return open.length === 0 && rows.filter(queued).length === unreachable;
      },
      'all that can be reached',
      60_000,
    );
    expect(site.campaign(id).state).toBe('running');
    site.campaigns.cancel(id);
    const { rows, state } = await site.ended(id);
    expect(state).toBe('cancelled');
    expect(rows.map(({ device }) => device)).toEqual(site.ids);

    const wanted = FATES.map((fate) => (fate === 'well' ? WELL : WANTED[fate]));
    const report = rows.map(({ name, stage, error, detail, sent, total }, i) => {
      const { version, installs } = site.device(i);
      const words = wanted[i]![3];
      const fits = words === null ? detail === null : words.test(detail ?? '');
      const named = error === null || error.details['name'] === name;
      const whole = stage !== 'confirmed' || (sent === total && installs === 1);
      return [name, stage, error?.code ?? null, version, fits ? words : detail, named, whole];
    });
    expect(report).toEqual(
      wanted.map(([stage, code, version, words], i) => [
        `device-${i}`,
        stage,
        code,
        version,
        words,
        true,
        true,
      ]),
    );
    // what is told on the way never shows more at once than was allowed
    const most = site.told.map(
      ({ rows: shown }) =>
        shown.filter(({ stage }) => ['checking', 'sending', 'installing', 'trial'].includes(stage)).length,
    );
    expect(Math.max(...most)).toBeLessThanOrEqual(64);
  }, 120_000);

  it('stops early when that is wished, with nobody left in between', async () => {
    const site = await CampaignSite.open(FATES, 20_000);
    const { state, reason, rows } = await site.ended(await site.start({ cap: 16, maxFailures: 2 }), 60_000);
    expect(state).toBe('stopped');
    expect(reason).toMatch(/^\d+ of 300 devices failed$/);
    const count = (stage: CampaignStage) => rows.filter((row) => row.stage === stage).length;
    expect(
      count('confirmed') + count('cancelled') + count('failed') + count('unknown') + count('rolled-back'),
    ).toBe(DEVICES);
    expect(count('cancelled')).toBeGreaterThan(200);
    const versions = site.ids.map((one) => site.devices.get(one)!.version);
    expect(versions).toEqual(rows.map(({ stage }) => (stage === 'confirmed' ? '1.4.0' : '1.0.0')));
  }, 120_000);
});
