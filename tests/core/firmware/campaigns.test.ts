import { describe, expect, it } from 'vitest';
import { preview } from '../../../src/core/firmware/preview.ts';
import { CampaignSite } from '../../support/campaign-site.ts';
import { bareDevice } from '../../support/fake-fleet.ts';
import { firmwareFile } from '../../support/firmware-file.ts';
import { until } from '../../support/until.ts';

describe('campaigns', () => {
  it('push to a canary, then to the others, and say how each ended', async () => {
    const site = await CampaignSite.open(['well', 'well', 'well']);
    const id = await site.start();
    const { state, rows, endedAt } = await site.ended(id);
    expect(state).toBe('done');
    expect(endedAt).not.toBe(null);
    for (const row of rows)
      expect(row).toMatchObject({ stage: 'confirmed', from: '1.0.0', error: null, rollsBack: 'yes' });
    expect(rows.every(({ sent, total }) => sent === total && sent > 400_000)).toBe(true);
    expect(site.ids.map((id) => site.devices.get(id)!.version)).toEqual(['1.4.0', '1.4.0', '1.4.0']);
    // while the canary was at it nobody else was
    const during = site.told.filter(({ rows: [canary] }) => canary?.stage !== 'confirmed');
    expect(during.length).toBeGreaterThan(0);
    for (const {
      rows: [, ...others],
    } of during)
      expect(others.every(({ stage }) => stage === 'waiting')).toBe(true);
  });

  it('change nothing on a device that runs it already', async () => {
    const site = await CampaignSite.open(['well']);
    await site.ended(await site.start());
    const { rows } = await site.ended(await site.start());
    expect(rows[0]).toMatchObject({ stage: 'current', from: '1.4.0', sent: 0 });
    expect(site.device(0).installs).toBe(1);
  });

  it('stop after a failure, and try the failed one again', async () => {
    const site = await CampaignSite.open(['rolls-back', 'well', 'well']);
    const id = await site.start({ maxFailures: 1 });
    const stopped = await site.ended(id);
    expect(stopped).toMatchObject({ state: 'stopped', reason: '1 of 3 devices failed' });
    expect(stopped.rows.map(({ stage }) => stage)).toEqual(['rolled-back', 'cancelled', 'cancelled']);
    expect(stopped.rows[0]).toMatchObject({
      detail: 'the sensor outside, which measured before, did not',
      error: { code: 'FIRMWARE_ROLLED_BACK', details: { name: 'device-0' } },
    });
    site.device(0).fate = 'well';
    site.campaigns.retry(id);
    const { state, rows } = await site.ended(id);
    expect(state).toBe('done');
    expect(rows[0]?.stage).toBe('confirmed');
  });

  it('wait for a device that is away, and send when it is seen', async () => {
    const site = await CampaignSite.open(['well', 'well']);
    const [, away] = site.ids;
    site.away.add(away!);
    const id = await site.start();
    await until(() => site.campaign(id).rows[0]?.stage === 'confirmed', 'the canary');
    expect(site.campaign(id).rows[1]?.stage).toBe('offline');
    expect(site.device(1).opened).toBe(0);
    site.away.clear();
    site.campaigns.review(bareDevice(away!, 'device-1', 0, { presence: 'nearby' }));
    expect((await site.ended(id)).rows[1]?.stage).toBe('confirmed');
  });

  it('are cancelled: who is sent to keeps its version, and a later push goes on where it was', async () => {
    const site = await CampaignSite.open(['well'], 4_000_000);
    let id = '';
    site.device(0).onWrite = (received) => {
      if (received > 1_500_000) site.campaigns.cancel(id);
    };
    id = await site.start();
    const cancelled = await site.ended(id);
    expect(cancelled).toMatchObject({
      state: 'cancelled',
      rows: [{ stage: 'cancelled', detail: 'left as it was' }],
    });
    expect(site.device(0).version).toBe('1.0.0');
    site.device(0).onWrite = () => {};
    const again = await site.ended(await site.start());
    expect(again.rows[0]?.stage).toBe('confirmed');
    expect(site.device(0).received).toBeLessThan(5_500_000);
  });

  it('say beforehand what would happen on each device', async () => {
    const site = await CampaignSite.open(['well', 'untrusted', 'misfit', 'unreachable', 'well']);
    site.away.add(site.ids[4]!);
    const records = site.ids.map((id, i) =>
      bareDevice(id, `device-${i}`, 0, { presence: site.away.has(id) ? 'offline' : 'nearby' }),
    );
    const { file, target, clock } = site;
    const rows = await preview(records, { files: [file], target, clock, eachMs: 600_000 });
    expect(rows.map(({ verdict }) => verdict)).toEqual([
      'update',
      'refused',
      'refused',
      'offline',
      'offline',
    ]);
    expect(rows[1]?.reason).toBe('device-1 does not take firmware signed by beefbeefbeefbeef.');
    expect(site.device(0).received).toBe(0);
  });

  it('send each device the file of its kind, and say which has none', async () => {
    const site = await CampaignSite.open(['well', 'well']);
    const nerves = firmwareFile({ path: '/tmp/weather.fw', kind: 'nerves', platform: 'rpi4' });
    site.files.set(nerves.path, nerves);
    site.nerves.add(site.ids[1]!);
    const both = await site.ended(
      await site.start({ paths: [nerves.path, site.path], devices: [site.ids[0]!] }),
    );
    expect(both.files.map(({ kind }) => kind)).toEqual(['nerves', 'muster']);
    expect(both.rows).toMatchObject([{ stage: 'confirmed', file: 1 }]);

    const { file, target, clock } = site;
    const kinds = [{ kind: 'muster' }, { kind: 'nerves' }] as const;
    const records = site.ids.map((id, i) =>
      bareDevice(id, `device-${i}`, 0, { presence: 'nearby', ...kinds[i] }),
    );
    const rows = await preview(records, { files: [file], target, clock, eachMs: 600_000 });
    expect(rows).toMatchObject([
      { verdict: 'current', file: 0 },
      { verdict: 'refused', file: null, reason: expect.stringContaining('this device runs Nerves') },
    ]);
    const misfit = await site.ended(await site.start({ maxFailures: 2 }));
    expect(misfit.rows).toMatchObject([
      { stage: 'current', file: 0 },
      { stage: 'failed', file: null, error: { code: 'FIRMWARE_MISFIT' } },
    ]);
    expect(site.device(1).opened).toBe(0);
  });

  it('are known after a restart', async () => {
    const site = await CampaignSite.open(['well']);
    const id = await site.start();
    await site.ended(id);
    await site.campaigns.close();
    site.campaigns = site.engine();
    expect(site.campaign(id)).toMatchObject({ state: 'done', rows: [{ stage: 'confirmed' }] });
  });

  it('are carried out by one engine only', async () => {
    const site = await CampaignSite.open(['well'], 4_000_000);
    const id = await site.start();
    const other = site.engine();
    try {
      expect(site.campaign(id).endedAt).toBe(null);
      expect(() => other.cancel('push-of-nobody')).toThrow('no such campaign');
      await until(() => other.snapshot().length === 1, 'the other engine to see it');
      expect(() => other.cancel(id)).toThrow('another engine carries it out');
      await site.ended(id);
      await until(() => other.snapshot()[0]?.endedAt !== null, 'the other engine to see its end');
      expect(site.device(0).installs).toBe(1);
    } finally {
      await other.close();
    }
  });
});
