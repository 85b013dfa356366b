/** The tab Outputs in a real browser, with a make-believe engine: a person's hand on outputs, rules in words, events. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createFakeEngine } from '../../support/fake-engine.ts';
import { bareDevice, installedDevice } from '../../support/fake-fleet.ts';
import { need } from '../../support/need.ts';
import { pageBench, picture } from '../../support/page-bench.ts';

const NOW = Date.now();

describe.skipIf(!need('chromium'))('the tab Outputs', () => {
  const bench = pageBench({ keep: true });
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    const engine = createFakeEngine({
      devices: [installedDevice(bareDevice('d1', 'greenhouse-1', NOW), NOW)],
    });
    ({ page, troubles } = await bench.open(engine, {
      theme: 'light',
      place: { name: 'device', device: 'd1' },
    }));
    await page.getByRole('tab', { name: 'Outputs' }).click();
  }, 120_000);

  const times = (text: string | RegExp) => () => page.getByText(text).count();
  const soon = { timeout: 10_000 };

  it('switches an output for the chosen time, says who holds it, and gives it back', async () => {
    await page.getByLabel('Hold what I switch').selectOption('for 10 min');
    await page.getByRole('button', { name: 'Switch Water valve on' }).click();
    await expect.poll(times('Held by ann@laptop for 10 min more.'), soon).toBe(1);
    await picture(page, 'outputs-light');
    await page.getByRole('button', { name: 'Give Water valve back' }).click();
    await expect.poll(times(/Held by ann/), soon).toBe(0);
  });

  it('says why it was refused, and writes it down', async () => {
    await page.getByRole('button', { name: 'Switch Water valve on' }).click();
    await page.getByRole('button', { name: 'Switch Drain on' }).click();
    await expect.poll(times(/does not do that: valve is on, and never both may be/), soon).toBe(1);
    const row = page.getByRole('row', { name: /Drain not on by ann@laptop: valve is on/ });
    await expect.poll(() => row.count(), soon).toBe(1);
  });

  it('tells a rule in words and tries it on the last 24 hours', async () => {
    await expect.poll(times(/above 28.*for 30 s: Fan 40 %, until it is back at 26/), soon).toBe(1);
    await page.getByRole('button', { name: 'Try on the last 24 hours' }).click();
    await expect.poll(times(/it would have set Fan to 40 % 1 time, for 6\sh in all/), soon).toBe(1);
    expect(troubles).toEqual([]);
  });
});
