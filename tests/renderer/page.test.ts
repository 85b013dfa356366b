/** The built page under the real policy, over a make-believe engine: the main job by keyboard and by mouse. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { DeviceRecord } from '../../src/shared/engine-contract.ts';
import { createFakeEngine } from '../support/fake-engine.ts';
import { bareDevice, fakeDevices } from '../support/fake-fleet.ts';
import { FAKE_PASSWORD } from '../support/fake-login.ts';
import { need } from '../support/need.ts';
import { pageBench } from '../support/page-bench.ts';

const fleet = () => fakeDevices(Date.now());
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const row = (page: Page, name: string) => page.getByRole('option', { name: new RegExp(`^${name}, `) });

/** Presses Tab until `name` has the focus, as a person without a mouse does. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
    if (focused === name) return;
  }
  throw new Error(`Tab never reaches "${name}"`);
}

/** Types as fast as a hurried person: nothing is waited for between the keys. */
async function runCommand(page: Page, text: string): Promise<void> {
  await page.getByRole('listbox', { name: 'Devices' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

describe.skipIf(!need('chromium'))('the page', () => {
  const bench = pageBench();

  async function open(devices: DeviceRecord[], ui: object = {}) {
    const engine = createFakeEngine({ devices, stepMs: 60 });
    return { engine, ...(await bench.open(engine, ui)) };
  }

  it('says what to do when nothing is here, and starts the demo fleet', async () => {
    const { page, troubles } = await open([]);
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    await page.getByText('enter its address instead').waitFor();
    expect(await page.getByRole('list', { name: 'Networks searched' }).getByRole('listitem').count()).toBe(3);
    await button(page, 'Start the demo fleet').click();
    await row(page, 'greenhouse-3').waitFor();
    expect(troubles).toEqual([]);
  });

  it('adds a typed address, and says in words why one cannot be', async () => {
    const { page, troubles } = await open([]);
    const address = page.getByLabel('Address');
    await address.fill('nowhere.local');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing is called "nowhere.local" on this network.').waitFor();
    await address.fill('greenhouse-9:23');
    await page.keyboard.press('Enter');
    await page.getByText('greenhouse-9 answers, but SSH is off.').waitFor();
    await page.getByText('Details', { exact: true }).click();
    await page.getByText('PORT_CLOSED: greenhouse-9:23: ECONNREFUSED').waitFor();
    await address.fill('greenhouse-9.local');
    await page.keyboard.press('Enter');
    await row(page, 'greenhouse-9.local').waitFor();
    expect(troubles).toEqual([]);
  });

  it('installs and opens the charts with the keyboard alone', async () => {
    const { page, troubles } = await open([]);
    await tabTo(page, 'Start the demo fleet');
    await page.keyboard.press('Enter');
    await row(page, 'greenhouse-1').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('house-2');
    expect(await page.getByRole('option').count()).toBe(1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await button(page, 'Install on 1 device').waitFor();
    await runCommand(page, 'install on greenhouse-2');

    await page.getByText('its login is filled in for you').waitFor();
    await tabTo(page, 'Connect and look');
    await page.keyboard.press('Enter');
    await page.getByText('silver anchor meadow piano turtle four').waitFor();
    await tabTo(page, 'This is the right box');
    await page.keyboard.press('Enter');

    const sudo = page.getByLabel(/sudo/);
    await sudo.waitFor();
    await sudo.focus();
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('greenhouse-2 did not accept the administrator password.').waitFor();
    await sudo.fill(FAKE_PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText(/MB of 38\sMB/).waitFor();
    await page.getByText(/^Done in /).waitFor();
    await tabTo(page, 'Open its charts');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'greenhouse-2', level: 1 }).waitFor();
    await page.locator('canvas').first().waitFor();
    expect(troubles).toEqual([]);
  });

  it('does the same with the mouse, device after device, and saves a CSV', async () => {
    const { engine, page, troubles } = await open(fleet());
    await button(page, 'Install on 2 devices').click();
    const drawer = page.getByRole('complementary');
    for (const last of [false, true]) {
      await drawer.getByLabel('Password', { exact: true }).last().fill(FAKE_PASSWORD);
      await button(page, 'Connect and look').click();
      await button(page, 'This is the right box').click();
      await drawer.getByLabel(/sudo/).fill(FAKE_PASSWORD);
      await drawer.getByRole('button', { name: /^Install on / }).click();
      if (!last) await button(page, /^Next: /).click();
    }
    await button(page, 'Open its charts').click();
    expect([...engine.devices.values()].filter(({ installed }) => installed)).toHaveLength(8);

    await button(page, 'Export').click();
    await page.getByText('Last hour').click();
    await page.getByLabel('First lines').waitFor();
    await page.getByLabel('Save as').fill('/media/stick/readings.csv');
    await button(page, /^Save CSV \(.+ rows, .+ MB\)$/).click();
    await page.getByText(/^Done in /).waitFor();
    await page.getByText('/media/stick/readings.csv').last().waitFor();
    await button(page, 'Copy path').waitFor();
    expect(troubles).toEqual([]);
  });

  it('refuses a path that cannot be written, and goes on from there', async () => {
    const { page, troubles } = await open(fleet(), { place: { name: 'export' } });
    await page.getByLabel('First lines').waitFor();
    await page.getByLabel('Save as').fill('/root/x.csv');
    await button(page, /^Save CSV \(/).click();
    await page.getByText('/root/x.csv cannot be written to: not permitted.').waitFor();
    await page.getByLabel('Save as').fill('/tmp/x.csv');
    await button(page, /^Save CSV \(/).click();
    await page.getByText(/^Done in /).waitFor();
    expect(troubles).toEqual([]);
  });

  it('never exports everything when nothing is chosen', async () => {
    const { page } = await open(fleet(), { place: { name: 'export' } });
    await page.getByLabel(/^All \d+ devices/).uncheck();
    await page.getByText('Choose at least one device and one channel.').waitFor();
    expect(await button(page, /^Save CSV/).isDisabled()).toBe(true);
  });

  it('trusts a changed key only after it was compared', async () => {
    const { engine, page, troubles } = await open(fleet());
    await runCommand(page, 'again on cold-store');
    await button(page, 'Connect and look').click();
    await page
      .getByText('This is not the box you trusted on 3 May 2026: its key is different.')
      .last()
      .waitFor();
    await page.getByText('amber falcon river cotton maple seven').waitFor();
    await page.getByText('copper lantern ocean velvet tiger nine', { exact: true }).waitFor();
    const trust = button(page, 'Trust the new key');
    expect(await trust.isDisabled()).toBe(true);
    expect(engine.devices.get('d8')?.hostKey?.sha256).toMatch(/^SHA256:5nVq/);
    await page.getByLabel('I compared the second fingerprint with the box itself').check();
    await trust.click();
    await page.getByText('What was found').waitFor();
    expect(engine.devices.get('d8')?.hostKey?.sha256).toMatch(/^SHA256:0aK3/);
    expect(troubles).toEqual([]);
  });

  it('cancels an installation, and removes one keeping its readings', async () => {
    const { engine, page } = await open(fleet());
    await runCommand(page, 'install again on greenhouse-1');
    await button(page, 'Connect and look').click();
    await page.getByLabel(/sudo/).fill(FAKE_PASSWORD);
    await page
      .getByRole('complementary')
      .getByRole('button', { name: /^Install on / })
      .click();
    await button(page, 'Cancel').click();
    await page.getByText('Cancelled. What was done until then is safe to leave.').waitFor();
    await page.keyboard.press('Escape');
    await runCommand(page, 'remove muster from greenhouse-1');
    await button(page, 'Remove from greenhouse-1, keep its readings').click();
    await page.getByText(/^Done in /).waitFor();
    expect(engine.devices.get('d1')?.installed).toBe(false);
  });

  it('says when the engine stops, and is back with it', async () => {
    const { engine, page, troubles } = await open(fleet());
    await row(page, 'greenhouse-1').waitFor();
    engine.die();
    await page.getByText('The engine stopped. Starting it again…').waitFor();
    engine.remove('d1');
    engine.live();
    await page.getByText('The engine stopped.').waitFor({ state: 'hidden' });
    await row(page, 'greenhouse-1').waitFor({ state: 'hidden' });
    expect(troubles).toEqual([]);
  });

  it('begins where the window was closed', async () => {
    const { page } = await open(fleet());
    await row(page, 'orchard-north').click();
    await button(page, 'Theme').click();
    await page.getByRole('menuitem', { name: 'Sunlight' }).click();
    await page.reload();
    await page.getByRole('heading', { name: 'orchard-north', level: 1 }).waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('sunlight');
  });

  it('steps back with Esc: drawer, selection, filter, device', async () => {
    const { page, troubles } = await open(fleet());
    await row(page, 'raspberrypi').click();
    await page.keyboard.press('/');
    await page.keyboard.type('rasp');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await button(page, 'Install on 1 device').click();
    const drawer = page.getByRole('complementary');
    await drawer.waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    await page.keyboard.press('Escape');
    await page.getByRole('toolbar', { name: 'Chosen devices' }).waitFor({ state: 'hidden' });
    await page.keyboard.press('Escape');
    await row(page, 'greenhouse-1').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Nordfeld farm' }).waitFor();
    expect(troubles).toEqual([]);
  });

  it('moves no row under the pointer', async () => {
    const { engine, page } = await open(fleet());
    const target = row(page, 'orchard-north');
    const at = await target.boundingBox();
    if (!at) throw new Error('no row');
    await page.mouse.move(at.x + 100, at.y + 20);
    engine.setDevice({ ...fakeDevices(Date.now())[0]!, id: 'first', name: 'aaa-first' });
    await page.mouse.move(at.x + 101, at.y + 20);
    await page.waitForFunction(() => document.body.textContent?.includes('10 devices'));
    expect((await target.boundingBox())?.y).toBe(at.y);
    await page.mouse.move(900, 700);
    await row(page, 'aaa-first').waitFor();
  });

  it('holds a thousand devices by drawing only those in sight', async () => {
    const now = Date.now();
    const { page, troubles } = await open(
      Array.from({ length: 1000 }, (_, i) => bareDevice(`x${i}`, `device-${i}`, now)),
    );
    await row(page, 'device-0').waitFor();
    expect(await page.getByRole('option').count()).toBeLessThan(40);
    await page.getByRole('listbox', { name: 'Devices' }).focus();
    await page.keyboard.press('End');
    await row(page, 'device-999').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'device-999', exact: true }).waitFor();
    expect(troubles).toEqual([]);
  });

  it('shows a hostile name as text', async () => {
    const name = '<img src=x onerror=alert(1)>\u202e evil';
    const { page, troubles } = await open([bareDevice('evil', name, Date.now())]);
    await page.getByText(name).first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(troubles).toEqual([]);
  });
});
