/** `npm start -- --demo` as a newcomer uses it: the link, the fleet, an installation, a live chart, a CSV on disk. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { need } from '../support/need.ts';
import { newHome, startScript, stop, untilOutput } from '../support/run-muster.ts';

/** Where to keep pictures of the screens for the README; unset: they are not taken. */
const SHOTS = process.env['MUSTER_SCREENSHOTS'];

describe.skipIf(!need('chromium'))('npm start -- --demo', () => {
  const home = newHome();
  const complaints: string[] = [];
  let started: ChildProcess;
  let browser: Browser;
  let page: Page;
  let link: string;

  const shot = async (name: string) => {
    if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}.png`) });
  };

  beforeAll(async () => {
    mkdirSync(join(home.folder, 'Downloads'));
    const env = { ...home.env, DISPLAY: '', WAYLAND_DISPLAY: '' };
    started = startScript('src/build/start.ts', ['--demo'], env);
    [link] = await untilOutput(started, /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/, 120_000);
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('console', (message) => {
      if (message.type() === 'error' || /Content Security Policy/.test(message.text()))
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    if (started) await stop(started);
    home.remove();
  }, 60_000);

  it('opens with three devices nearby', async () => {
    await page.goto(link);
    for (const name of ['greenhouse-1', 'pump-house-2', 'cold-store-3'])
      await page.getByText(name).first().waitFor({ timeout: 30_000 });
    expect(await page.title()).toBe('Muster');
    await shot('fleet');
  }, 60_000);

  it('does not open a second time by the same link', async () => {
    const stranger = await browser.newContext();
    const answer = await (await stranger.newPage()).goto(link);
    expect(answer?.status()).toBe(403);
    await stranger.close();
  });

  it('installs by fingerprint and plan, and charts the readings', async () => {
    await page.getByText('greenhouse-1').first().click();
    await page.getByRole('button', { name: 'Install on greenhouse-1' }).first().click();
    await page.getByRole('button', { name: 'Connect and look' }).click();
    await page.getByText('SHA256:').first().waitFor();
    await page.getByRole('button', { name: /right box/i }).click();
    await page.getByText('Send the Muster daemon').waitFor();
    await shot('install');
    await page.getByRole('button', { name: 'Install on greenhouse-1' }).last().click();
    await page.getByRole('button', { name: /charts/i }).click({ timeout: 120_000 });
    await page.getByText('Air · Temperature').first().waitFor({ timeout: 30_000 });
    // the legend over a chart shows what its line holds: not a number before the first reading
    await page.waitForFunction(() => /\d+\.\d+ to \d+\.\d+\s°C/.test(document.body.innerText), null, {
      timeout: 30_000,
    });
    const drawn = await page.evaluate(() => {
      const canvas = document.querySelector('canvas');
      const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      return new Set(Array.from(data).filter((_, i) => i % 4 !== 3)).size;
    });
    expect(drawn).toBeGreaterThan(2);
    if (SHOTS) await page.waitForTimeout(60_000);
    await shot('device');
  }, 240_000);

  it('saves what it foretold', async () => {
    await page.getByRole('button', { name: 'Save CSV…' }).click();
    // the foretelling comes from the engine, and with it the suggested place
    await page.getByRole('button', { name: /^Save CSV \(.+ rows/ }).waitFor();
    const path = page.getByLabel('Save as');
    const out = await path.inputValue();
    expect(out).toBe(join(home.folder, 'Downloads', out.split('/').at(-1) ?? ''));
    await shot('export');
    await page.getByRole('button', { name: /^Save CSV \(/ }).click();
    await page.getByText(out).first().waitFor();
    await page.getByRole('button', { name: 'Export something else' }).waitFor();
    const lines = readFileSync(out, 'utf8').trimEnd().split(/\r?\n/);
    expect(lines.length).toBeGreaterThan(20);
    expect(lines[0]).toMatch(/^time_utc,time_local,epoch_ms,device/);
  }, 60_000);

  it('broke no content policy and raised no error', () => {
    expect(complaints).toEqual([]);
  });
});
