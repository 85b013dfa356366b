/** The tab Sensors in a real browser, with a make-believe engine: chips are looked for, added, and told with what is wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MusterError } from '../../../src/shared/errors.ts';
import { createFakeEngine, type FakeEngine } from '../../support/fake-engine.ts';
import { bareDevice, installedDevice } from '../../support/fake-fleet.ts';
import { need } from '../../support/need.ts';
import { launchChromium, openPage } from '../../support/open-page.ts';
import { servePage } from '../../support/page-server.ts';

const NOW = Date.now();
const ROOT = new URL('../../..', import.meta.url).pathname;

describe.skipIf(!need('chromium'))('the tab Sensors', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-page-'));
  const soon = { timeout: 10_000 };
  let browser: Browser;
  let engine: FakeEngine;
  let page: Page;
  let troubles: string[];
  let server: { url: string; close: () => Promise<void> };

  beforeAll(async () => {
    const outDir = join(folder, 'page');
    await build({ configFile: join(ROOT, 'src/build/vite.config.ts'), logLevel: 'error', build: { outDir } });
    engine = createFakeEngine({ devices: [installedDevice(bareDevice('d1', 'greenhouse-1', NOW), NOW)] });
    const list = engine.handlers['channels.list'];
    engine.handlers['channels.list'] = async (input) => {
      const { channels } = await list(input);
      const [first, ...rest] = channels;
      const calibration = { scale: 1, offset: 0.4, by: 'Ada', at: '2024-05-03' };
      return { channels: first ? [{ ...first, calibration }, ...rest] : [] };
    };
    server = await servePage(outDir, engine);
    browser = await launchChromium();
    ({ page, troubles } = await openPage(browser, server.url, {
      theme: 'light',
      place: { name: 'device', device: 'd1' },
    }));
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const picture = async (name: string): Promise<void> => {
    const pictures = process.env['MUSTER_PICTURES'];
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) });
  };
  const row = (place: string) => page.getByRole('listitem').filter({ hasText: place });

  it('is preceded by cards that say how a value is corrected, by whom and when', async () => {
    await expect.poll(() => page.getByText(/corrected by \+0\.4.°C, Ada, 3 May 2024/).count(), soon).toBe(1);
    await picture('card-corrected');
  });

  it('shows who answers: what measures, what the kernel has, what could be added', async () => {
    await page.getByRole('tab', { name: 'Sensors' }).click();
    await page.getByRole('button', { name: 'Look for chips' }).click();
    await expect
      .poll(() => page.getByText('3 chips found, 1 of them not measured yet.').count(), soon)
      .toBe(1);
    expect(await row('0x76').innerText()).toMatch(/bme280\s+measured as Air/);
    expect(await row('0x68').innerText()).toMatch(/Not asked\s+a driver of the kernel/);
    expect(await row('0x76').getByRole('button').count()).toBe(0);
    await picture('chips-found');
  });

  it('adds what a person says it is, by a trial of the configuration', async () => {
    await page.getByLabel('What is at 0x48').selectOption('TMP105 temperature');
    await row('0x48').getByRole('button', { name: 'Add TMP105 temperature at 0x48' }).click();
    await expect.poll(() => page.getByText('once it has been read').count(), soon).toBe(1);
    await picture('chip-added');
    const { text } = await engine.handlers['config.get']({ device: 'd1' });
    expect(text).toContain('driver: tmp105');
    expect(text).toContain('address: 0x48');
  });

  it('says of a bus that it hangs, and shows the others', async () => {
    const { 'scan.buses': buses, 'scan.bus': bus } = engine.handlers;
    const { buses: rows, byItself } = await buses({ device: 'd1' });
    const sick = { bus: 'i2c-3', kind: 'i2c', device: '/dev/i2c-3', configured: false };
    engine.handlers['scan.buses'] = () => ({ buses: [sick, ...rows], byItself });
    engine.handlers['scan.bus'] = (input) => {
      if (input.bus === 'i2c-3') throw new MusterError('BUS_STUCK', 'i2c-3 hangs', { bus: 'i2c-3' });
      return bus(input);
    };
    await page.getByRole('button', { name: 'Look for chips' }).click();
    await expect.poll(() => page.getByRole('heading', { name: 'i2c-3 hangs.' }).count(), soon).toBe(1);
    expect(await page.getByText('3 chips found').count()).toBe(1);
    expect(await page.getByText('/dev/i2c-3, not configured').count()).toBe(1);
    await picture('chips-on-a-bus-that-hangs');
    expect(troubles).toEqual([]);
  });
});
