/** The tab Recording and the settings that go with it, in a real browser, with a make-believe engine. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createFakeEngine, type FakeEngine } from '../../support/fake-engine.ts';
import { bareDevice, installedDevice } from '../../support/fake-fleet.ts';
import { need } from '../../support/need.ts';
import { pageBench, picture } from '../../support/page-bench.ts';

const NOW = Date.now();
const ASIDE = '/home/tech/.local/share/muster/site/archive.db.damaged-20260503';

describe.skipIf(!need('chromium'))('the tab Recording', () => {
  const bench = pageBench({ keep: true });
  let engine: FakeEngine;
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    engine = createFakeEngine({
      devices: [installedDevice(bareDevice('d1', 'greenhouse-1', NOW), NOW)],
      archiveSetAside: ASIDE,
    });
    ({ page, troubles } = await bench.open(engine, {
      theme: 'light',
      place: { name: 'device', device: 'd1' },
    }));
    await page.getByRole('tab', { name: 'Recording' }).click();
  }, 120_000);

  const times = (text: string) => () => page.getByText(text).count();
  const soon = { timeout: 10_000 };

  it('says what a power cut would cost', async () => {
    await expect.poll(times('may lose the readings of the last 0.2'), soon).toBe(1);
    await picture(page, 'recording-light');
  });

  it('says who else gets the readings, how far behind each is and why', async () => {
    const list = page.getByRole('region', { name: 'Sends to' });
    const text = async () => (await list.textContent()) ?? '';
    await expect.poll(text, soon).toContain('mqtt://broker.lan');
    expect(await text()).toContain('up to date, 17,280 today');
    expect(await text()).toMatch(
      /3,200 readings behind since .* · .*answers 401: it does not know who we are/,
    );
    expect(await text()).toContain('asked 240 times today');
  });

  it('sets the clock from this laptop and says what came of it', async () => {
    await page.getByRole('button', { name: 'Set the clock from this laptop' }).click();
    await expect.poll(times('The device took this laptop’s time.'), soon).toBe(1);
    await expect.poll(times('set from this laptop at'), soon).toBe(1);
  });

  it('says that readings wait, how many are lost, and where the broken journal is', async () => {
    engine.setJournal('d1', {
      problem: 'the disk is full',
      waitingBytes: 1_200_000,
      lostReadings: 1204,
      damagedBatches: 2,
      asides: ['/var/lib/muster/journal.db.broken-1'],
    });
    await expect.poll(times('wait in memory: the disk is full'), soon).toBe(1);
    await expect.poll(times('/var/lib/muster/journal.db.broken-1'), soon).toBe(1);
    await expect.poll(times('readings wait, not on the card yet'), soon).toBe(1);
    await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'dark'));
    await picture(page, 'recording-trouble-dark');
  });

  it('has its settings: the laptop’s time, and the archive that was set aside', async () => {
    await page.getByRole('button', { name: 'Where it is' }).click();
    await expect.poll(times(ASIDE), soon).toBe(1);
    await page.getByRole('button', { name: 'Understood' }).click();
    await expect.poll(times('The archive was damaged and set aside'), soon).toBe(0);
    const offer = page.getByRole('checkbox', { name: /Offer this laptop’s time/ });
    expect(await offer.isChecked()).toBe(true);
    await offer.click();
    await expect.poll(() => offer.isChecked()).toBe(false);
    expect((await engine.handlers['engine.info']({})).offersTime).toBe(false);
    await picture(page, 'settings');
    expect(troubles).toEqual([]);
  });
});
