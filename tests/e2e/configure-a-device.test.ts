/** The tab Configuration against a virtual device: SSH, daemon, restart and trial are real, and so is the engine. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, ROOT } from '../../src/build/build.ts';
import { serveEngine } from '../../src/core/engine-peer.ts';
import { need } from '../support/need.ts';
import { launchChromium, openPage } from '../support/open-page.ts';
import { readPageFiles, servePage } from '../support/page-server.ts';
import { VirtualSite } from '../support/virtual-site.ts';

describe.skipIf(!need('chromium'))('the tab Configuration of a device', () => {
  let site: VirtualSite;
  let browser: Browser;
  let server: Awaited<ReturnType<typeof servePage>>;
  let page: Page;
  let device: string;
  const soon = { timeout: 120_000 };

  beforeAll(async () => {
    await ensureBuilt('renderer');
    site = await VirtualSite.open(1);
    [device = ''] = site.devices;
    server = await servePage(readPageFiles(join(ROOT, 'dist/renderer')), {
      serve: (pipe) => serveEngine(site.engine, pipe),
    });
    browser = await launchChromium();
    ({ page } = await openPage(browser, server.url, { theme: 'light', place: { name: 'device', device } }));
    await page.getByRole('tab', { name: /^Configuration/ }).click(soon);
    await page.getByRole('navigation', { name: 'Parts of the configuration' }).waitFor(soon);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await site?.close();
  }, 60_000);

  const present = () => site.engine.handlers['config.get']({ device });
  const place = (name: string) =>
    page
      .getByRole('navigation', { name: 'Parts of the configuration' })
      .getByRole('button', { name })
      .click();
  const times = (text: string | RegExp) => () => page.getByText(text).count();
  async function picture(name: string): Promise<void> {
    const folder = process.env['MUSTER_PICTURES'];
    if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
  }

  it('tries a rule that it explained and simulated, keeps it, and goes back', async () => {
    const before = await present();
    await place('Rules');
    await page.getByRole('button', { name: 'Add an alarm' }).click();
    const words = page.getByRole('group', { name: 'In words' });
    await expect.poll(() => words.textContent(), soon).toMatch(/When .* is above .* tell “.* is too high”/);
    await expect
      .poll(() => words.textContent(), soon)
      .toMatch(/In the last 24 hours it would (never )?have told/);
    await expect.poll(times('The device would take it'), soon).toBe(1);
    await picture('configuration');
    await page.getByRole('button', { name: 'Look at the changes' }).click();
    await page.getByRole('button', { name: /^Try it on/ }).click();
    await expect.poll(times(/runs on it, this laptop found it again/), soon).toBe(1);
    const after = await present();
    expect(after.trial).toBe(null);
    expect(after.text).toContain('alarm:');

    await place('History');
    const old = page.getByRole('button', { name: `Look at ${before.hash.slice(0, 10)}` });
    await old.last().click();
    await page.getByRole('button', { name: 'Go back to this version' }).click();
    await expect.poll(times(/runs on it, this laptop found it again/), soon).toBe(1);
    expect((await present()).text).toBe(before.text);
  }, 300_000);

  it('has the device itself say that a driver is not there', async () => {
    await place('As text');
    await page
      .getByLabel('The document as text')
      .fill('version: 1\nsensors:\n  - id: air\n    driver: nosuch\n');
    await expect.poll(times(/Line 3: sensors\.0.*nosuch/), soon).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Drop my changes' }).click();
  }, 120_000);
});
