/** The tab Configuration in a real browser: forms, checks, the trial, history, conflicts, copies, rules in words. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, ROOT } from '../../../src/build/build.ts';
import { hashOf } from '../../support/fake-configuration.ts';
import { createFakeEngine } from '../../support/fake-engine.ts';
import { bareDevice, installedDevice } from '../../support/fake-fleet.ts';
import { need } from '../../support/need.ts';
import { launchChromium, openPage } from '../../support/open-page.ts';
import { readPageFiles, servePage, type PageFiles } from '../../support/page-server.ts';

const TEXT = `# the north greenhouse
version: 1
name: greenhouse-1
buses:
  - id: i2c0
    kind: i2c
    device: /dev/i2c-1
  - id: pins
    kind: gpio
    device: /dev/gpiochip0
sensors:
  # in the shade
  - id: air
    name: Air
    driver: bme280
    bus: i2c0
    address: 118
outputs:
  - id: valve
    name: Water valve
    kind: gpio
    bus: pins
    line: 17
    maxOnMs: 600000
rules: []
`;
const soon = { timeout: 15_000 };

describe.skipIf(!need('chromium'))('the tab Configuration', () => {
  const closers: (() => Promise<unknown>)[] = [];
  let browser: Browser;
  let files: PageFiles;

  beforeAll(async () => {
    await ensureBuilt('renderer');
    files = readPageFiles(join(ROOT, 'dist/renderer'));
    browser = await launchChromium();
  }, 120_000);
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  async function open(ui: object = {}) {
    const now = Date.now();
    const devices = [1, 2, 3].map((i) => installedDevice(bareDevice(`d${i}`, `greenhouse-${i}`, now), now));
    const engine = createFakeEngine({ devices, stepMs: 40 });
    engine.configuration('d1').text = TEXT;
    engine.configuration('d2').text = 'version: 1\nname: greenhouse-2\n';
    const server = await servePage(files, engine);
    const { page, troubles } = await openPage(browser, server.url, {
      theme: 'light',
      place: { name: 'device', device: 'd1' },
      ...ui,
    });
    closers.push(
      () => page.context().close(),
      () => server.close(),
    );
    await page.getByRole('tab', { name: /^Configuration/ }).click();
    await page.getByRole('region', { name: 'Sensors' }).waitFor();
    return { engine, page, troubles };
  }
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
  const place = (page: Page, name: string) =>
    page
      .getByRole('navigation', { name: 'Parts of the configuration' })
      .getByRole('button', { name })
      .click();
  const times = (page: Page, text: string | RegExp) => () => page.getByText(text).count();
  async function picture(page: Page, name: string): Promise<void> {
    const folder = process.env['MUSTER_PICTURES'];
    if (folder) await page.screenshot({ path: join(folder, `configuration-${name}.png`) });
  }

  it('changes a sensor by its form, checks it, tries it, and keeps every comment', async () => {
    const { engine, page, troubles } = await open();
    await button(page, /^Air/).click();
    await page.getByRole('textbox', { name: 'Address' }).fill('5');
    await expect.poll(times(page, /must be at least 8/), soon).toBeGreaterThan(0);
    await picture(page, 'problem');
    await page.getByRole('textbox', { name: 'Address' }).fill('119');
    await expect.poll(times(page, 'The device would take it'), soon).toBe(1);
    await picture(page, 'form');
    await button(page, 'Look at the changes').click();
    await picture(page, 'changes');
    await button(page, 'Try it on greenhouse-1').click();
    await expect.poll(times(page, /runs on it, this laptop found it again/), soon).toBe(1);
    expect(engine.configuration('d1').text).toBe(TEXT.replace('118', '119'));
    expect(troubles).toEqual([]);
  });

  it('says why a trial was taken back, and the changes are still there', async () => {
    const { engine, page } = await open();
    const device = engine.configuration('d1');
    device.goesBack = true;
    device.texts.set(hashOf(TEXT), TEXT);
    await place(page, 'Device');
    await page.getByLabel('Name', { exact: true }).fill('house');
    await button(page, 'Look at the changes').click();
    await button(page, 'Try it on greenhouse-1').click();
    await expect.poll(times(page, /went back to the configuration before/), soon).toBeGreaterThan(0);
    await picture(page, 'taken-back');
    await button(page, 'Look at the changes again').click();
    await expect.poll(times(page, 'name: house'), soon).toBe(1);
    expect(device.text).toBe(TEXT);
  });

  it('keeps changes over another tab, a lost connection and a restart of the window', async () => {
    const { engine, page } = await open();
    await place(page, 'Device');
    await page.getByLabel('Name', { exact: true }).fill('house');
    await page.getByRole('tab', { name: 'Charts' }).click();
    await page.reload();
    await page.getByRole('tab', { name: /^Configuration/ }).click();
    await place(page, 'Device');
    await expect.poll(() => page.getByLabel('Name', { exact: true }).inputValue(), soon).toBe('house');
    const device = engine.devices.get('d1');
    if (device) engine.setDevice({ ...device, link: { ...device.link, state: 'waiting' } });
    await expect.poll(times(page, /is not connected: this is what was heard last/), soon).toBe(1);
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('house');
  });

  it('brings both together when somebody changed it on the device meanwhile', async () => {
    const { engine, page } = await open();
    await place(page, 'Device');
    await page.getByLabel('Name', { exact: true }).fill('house');
    engine.configuration('d1').text = TEXT.replace('/dev/i2c-1', '/dev/i2c-3');
    await button(page, 'Carry my changes over').waitFor(soon);
    await picture(page, 'conflict');
    await button(page, 'Carry my changes over').click();
    await place(page, 'As text');
    const text = await page.getByLabel('The document as text').inputValue();
    expect(text).toBe(TEXT.replace('/dev/i2c-1', '/dev/i2c-3').replace('name: greenhouse-1', 'name: house'));
  });

  it('shows beside the line what is wrong with the text', async () => {
    const { page } = await open();
    await place(page, 'As text');
    await page.getByLabel('The document as text').fill('version: 1\nsensors:\n  - id: air\n');
    await button(page, /Line 3: sensors.0.driver is missing/).waitFor(soon);
    await picture(page, 'text');
    await page.getByLabel('The document as text').fill('version: [');
    await place(page, 'Sensors');
    await expect.poll(times(page, /The text cannot be read as it stands/), soon).toBe(1);
  });

  it('explains a rule while it is written, and what it would have done', async () => {
    const { page } = await open();
    await place(page, 'Rules');
    await button(page, 'Add a threshold').click();
    await page.getByLabel('Above').fill('28');
    await page.getByLabel('For at least', { exact: true }).fill('30000');
    await page.getByLabel('Until back at').fill('26');
    const words = page.getByRole('group', { name: 'In words' });
    await expect
      .poll(() => words.textContent(), soon)
      .toMatch(
        /When Air by the door temperature is above 28.°C for 30 s: Water valve on, until it is back at 26/,
      );
    await expect
      .poll(() => words.textContent(), soon)
      .toMatch(/In the last 24 hours it would have switched Water valve on 1 time, for 6.h in all/);
    await expect.poll(times(page, 'The device would take it'), soon).toBe(1);
    await picture(page, 'rule');
  });

  it('fills in who calibrates a channel, and when', async () => {
    const { page } = await open();
    await button(page, /^Air/).click();
    await button(page, 'Add calibration').click();
    await page
      .getByRole('region', { name: 'Calibration' })
      .getByRole('button', { name: /^temperature/ })
      .click();
    expect(await page.getByLabel('Measured by').inputValue()).toBe('kim@laptop');
    await page.getByLabel('Offset').fill('-0.4');
    await expect.poll(times(page, 'The device would take it'), soon).toBe(1);
    await picture(page, 'calibration');
  });

  it('adds a bus of another kind, moves and removes rows', async () => {
    const { page } = await open();
    await place(page, 'Buses');
    await button(page, 'Add a bus').click();
    await page.getByLabel('Kind').selectOption('modbus-rtu');
    await page.getByLabel('Serial port').fill('/dev/ttyUSB0');
    await expect.poll(times(page, 'The device would take it'), soon).toBe(1);
    await picture(page, 'bus');
    await button(page, 'Move bus-1 up').click();
    await button(page, 'Remove i2c0').click();
    await place(page, 'As text');
    expect(await page.getByLabel('The document as text').inputValue()).toContain(
      'buses:\n  - id: bus-1\n    kind: modbus-rtu\n    device: /dev/ttyUSB0\n  - id: pins\n',
    );
  });

  it('looks at an old version and goes back to it', async () => {
    const { engine, page } = await open();
    const device = engine.configuration('d1');
    const old = TEXT.replace('Air', 'Old air');
    const { hash } = await device.handlers().tryConfiguration({
      text: old,
      base: (await device.handlers().configuration({})).hash,
      by: 'ann@laptop',
      confirmWithinMs: 60_000,
    });
    await device.handlers().confirmConfiguration({ hash });
    device.text = TEXT;
    await place(page, 'History');
    await button(page, `Look at ${hash.slice(0, 10)}`).click();
    await expect.poll(times(page, /name: Old air/), soon).toBeGreaterThan(0);
    await picture(page, 'history');
    await button(page, 'Go back to this version').click();
    await expect.poll(times(page, /runs on it, this laptop found it again/), soon).toBe(1);
    expect(device.text).toBe(old);
  });

  it('copies to others: each keeps its name, and a device that does not take it ends it', async () => {
    const { engine, page } = await open();
    engine.configuration('d3').goesBack = true;
    await place(page, 'Copy to others');
    await page.getByRole('checkbox', { name: 'greenhouse-2', exact: true }).check();
    await page.getByRole('checkbox', { name: 'greenhouse-3', exact: true }).check();
    await button(page, 'Try it on 2 devices').click();
    await expect.poll(times(page, 'Runs on it'), soon).toBe(1);
    await expect.poll(times(page, 'Not taken'), soon).toBe(1);
    await picture(page, 'copy');
    expect(engine.configuration('d2').text).toBe(TEXT.replace('greenhouse-1', 'greenhouse-2'));
    expect(engine.configuration('d3').text).toBe('version: 1\n');
  });

  it('finds one of a thousand sensors, and shows the rest piece by piece', async () => {
    const { engine, page } = await open();
    const rows = Array.from({ length: 1000 }, (_, i) => `  - id: s${i}\n    driver: load\n`);
    engine.configuration('d1').text = `version: 1\nsensors:\n${rows.join('')}`;
    await expect.poll(times(page, '50 of 1,000 sensors are shown'), soon).toBe(1);
    await page.getByLabel('Find a sensor').fill('s987');
    await button(page, /^s987/).click();
    await page.getByLabel('Reads every').fill('5000');
    await expect.poll(times(page, '1 line changed'), soon).toBe(1);
    await place(page, 'Changes');
    await expect.poll(times(page, 'periodMs: 5000'), soon).toBe(1);
  });

  it('is there at 800 by 600 in the dark, by keyboard alone', async () => {
    const { page } = await open({ theme: 'dark' });
    await page.setViewportSize({ width: 800, height: 600 });
    await button(page, /^Air/).focus();
    await page.keyboard.press('Enter');
    for (let i = 0; i < 12; i++) {
      const label = await page.evaluate(
        () => (document.activeElement as HTMLInputElement | null)?.labels?.[0]?.textContent ?? '',
      );
      if (label.startsWith('Address')) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Control+a');
    await page.keyboard.type('119');
    await expect.poll(times(page, '2 lines changed'), soon).toBe(1);
    await picture(page, 'dark-small');
    const box = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(box).toBeLessThanOrEqual(800);
  });
});
