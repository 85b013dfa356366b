import { describe, expect, it } from 'vitest';
import { channelsOf, createChannelsStore } from '../../../renderer/stores/channels-store.ts';
import { createFleetStore } from '../../../renderer/stores/fleet-store.ts';
import { createJobsStore, latestJob } from '../../../renderer/stores/jobs-store.ts';
import { createSiteStore } from '../../../renderer/stores/site-store.ts';
import { settle } from '../../support/fake-clock.ts';
import { bareDevice, fakeDevices } from '../../support/fake-fleet.ts';
import { pageOf } from '../page-of.ts';

const NOW = Date.UTC(2026, 4, 3, 12);
/** Real timers run in the make-believe engine's jobs. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('waited 5 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the fleet store', () => {
  it('holds the snapshot, then every change', async () => {
    const { engine, page } = pageOf(fakeDevices(NOW));
    const fleet = createFleetStore(page);
    expect(fleet.getState().loaded).toBe(false);
    await settle();
    expect(fleet.getState().loaded).toBe(true);
    expect(fleet.getState().devices.size).toBe(9);
    engine.setDevice(bareDevice('new', 'newcomer', NOW));
    engine.remove('d9');
    engine.rename('t5', 'lasting');
    await settle();
    expect([...fleet.getState().devices.keys()].toSorted()).toEqual([...engine.devices.keys()].toSorted());
    expect(fleet.getState().devices.get('lasting')?.name).toBe('weather-mast');
  });

  it('drops what went away while the engine did', async () => {
    const { clock, engine, page, cut } = pageOf(fakeDevices(NOW));
    const fleet = createFleetStore(page);
    await settle();
    cut();
    engine.remove('d1');
    await clock.advance(1000);
    expect(fleet.getState().devices.has('d1')).toBe(false);
    expect(fleet.getState().devices.size).toBe(8);
  });
});

describe('the channels store', () => {
  it('lists the channels of a device by id, and follows its new id', async () => {
    const { engine, page } = pageOf(fakeDevices(NOW));
    const channels = createChannelsStore(page);
    await settle();
    const before = channelsOf(channels.getState(), 'd1');
    expect(before.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    engine.rename('d1', 'other');
    await settle();
    expect(channelsOf(channels.getState(), 'd1')).toEqual([]);
    expect(channelsOf(channels.getState(), 'other')).toHaveLength(9);
  });
});

describe('the jobs store', () => {
  it('follows a job to its end and finds the newest of a device', async () => {
    const { page } = pageOf(fakeDevices(NOW));
    const jobs = createJobsStore(page);
    await settle();
    const first = await page.call['uninstall.start']({ device: 'd1', sudoPassword: null, keepData: true });
    await until(() => jobs.getState().jobs.get(first.job)?.state === 'done');
    const second = await page.call['uninstall.start']({ device: 'd1', sudoPassword: null, keepData: false });
    await until(() => jobs.getState().jobs.get(second.job)?.state === 'done');
    expect(latestJob(jobs.getState(), 'uninstall', 'd1')?.id).toBe(second.job);
    expect(latestJob(jobs.getState(), 'install', 'd1')).toBeUndefined();
  });
});

describe('the site store', () => {
  it('asks at once and every three seconds, once a round also after the engine was away', async () => {
    const { clock, engine, page, cut } = pageOf([]);
    let asked = 0;
    const inner = engine.handlers['demo.status'];
    engine.handlers['demo.status'] = (input) => {
      asked++;
      return inner(input);
    };
    const site = createSiteStore(page, clock);
    await settle();
    expect(site.getState().info?.site).toBe('Nordfeld farm');
    expect(site.getState().demo?.running).toBe(false);
    await clock.advance(3000);
    expect(asked).toBe(2);
    cut();
    await clock.advance(250);
    expect(asked).toBe(3);
    await clock.advance(3000);
    expect(asked).toBe(4);
  });
});
