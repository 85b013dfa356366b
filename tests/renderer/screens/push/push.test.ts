/** Pushing firmware in the built page, over a make-believe engine: foretold, watched, tried again, gone back. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createFakeEngine } from '../../../support/fake-engine.ts';
import { bareDevice, installedDevice } from '../../../support/fake-fleet.ts';
import { need } from '../../../support/need.ts';
import { pageBench } from '../../../support/page-bench.ts';

const installed = (name: string) => installedDevice(bareDevice(`id-${name}`, name, Date.now()), Date.now());
const fleet = () => {
  const now = Date.now();
  return [
    ...['pump-1', 'pump-2', 'pump-3'].map((name) => installed(name)),
    { ...installed('shed'), presence: 'offline' as const },
    bareDevice('id-new', 'new-box', now),
  ];
};

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const file = (page: Page) => page.getByLabel('Firmware file on this laptop');
const line = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

describe.skipIf(!need('chromium'))('pushing firmware on the page', () => {
  const bench = pageBench();

  async function open(ui: object = { place: { name: 'push' } }, devices = fleet(), stepMs = 30) {
    const engine = createFakeEngine({ devices, stepMs });
    return { engine, ...(await bench.open(engine, ui)) };
  }

  it('foretells, pushes, keeps the power warning while it is true, and ends in words', async () => {
    const { engine, page, troubles } = await open({ place: { name: 'push' } }, fleet(), 300);
    engine.firmware.fates.set('pump-2', 'rolled-back');
    await file(page).fill('/tmp/orchard.mfw');
    await page.getByText('Signed by Nordfeld workshop').waitFor();
    await line(page, 'shed').getByText('Gets it as soon as it is seen').waitFor();
    // a device without Muster is not offered at all
    expect(await page.getByText('new-box').count()).toBeLessThanOrEqual(1);
    await page.getByLabel('Stop after').fill('5');
    await button(page, 'Push 1.4.0 to 4 devices').click();

    await page.getByText('Do not switch off pump-1').waitFor();
    await line(page, 'pump-1').getByText('Done').waitFor();
    await line(page, 'pump-2').getByText('Went back', { exact: true }).waitFor();
    await page
      .getByRole('region', { name: 'What went wrong' })
      .getByText('tried the new version and went back to the old one: the sensor outside')
      .waitFor();
    await line(page, 'pump-3').getByText('Done').waitFor();
    await line(page, 'shed').getByText('Not reachable').waitFor();
    await page.getByText('Every device may be switched off now.').waitFor();
    await page.getByText('2 of 4 devices have it; 1 did not take it; 1 not reachable').waitFor();

    await button(page, 'Cancel').click();
    engine.firmware.fates.delete('pump-2');
    await button(page, 'Try again on 1 device').click();
    await line(page, 'pump-2').getByText('Done').waitFor();

    await button(page, 'All pushes').click();
    await page.getByRole('region', { name: 'Pushes' }).getByText('orchard 1.4.0').waitFor();
    expect(troubles).toEqual([]);
  });

  it('carries a file for each kind of device, and shows which one each gets', async () => {
    const mast = { ...bareDevice('id-mast', 'mast', Date.now()), kind: 'nerves' as const, mine: true };
    const { page, troubles } = await open({ place: { name: 'push' } }, [...fleet(), mast]);
    await file(page).fill('/tmp/orchard.mfw');
    await line(page, 'mast').getByText('Will not take it').waitFor();
    await button(page, 'Push 1.4.0 to 4 devices').waitFor();

    await button(page, 'Add a file for other kinds of device').press('Enter');
    const second = page.getByLabel('File for other kinds of device');
    expect(await second.evaluate((input) => input === document.activeElement)).toBe(true);
    await second.fill('/tmp/weather.fw');
    await line(page, 'mast').getByText('weather 2.0.1').waitFor();
    await line(page, 'pump-1').getByText('orchard 1.4.0').waitFor();
    await page.getByLabel('Stop after').fill('5');
    await button(page, 'Push 1.4.0 and 2.0.1 to 5 devices').click();
    await page.getByRole('heading', { name: 'orchard 1.4.0 and weather 2.0.1 to 5 devices' }).waitFor();
    await line(page, 'mast').getByText('Done').waitFor();
    await line(page, 'mast').getByText('2.0.1').waitFor();

    await button(page, 'All pushes').click();
    await button(page, 'Leave out file 1').click();
    expect(await file(page).inputValue()).toBe('/tmp/weather.fw');
    await line(page, 'pump-1').getByText('Will not take it').waitFor();
    expect(troubles).toEqual([]);
  });

  it('says what is wrong with a file, and pushes nothing', async () => {
    const { page, troubles } = await open();
    await file(page).fill('/tmp/notes.txt');
    await page
      .getByText('/tmp/notes.txt is not usable firmware: it does not begin as a bundle does.')
      .waitFor();
    expect(await page.getByRole('main').getByRole('button', { name: 'Push' }).isDisabled()).toBe(true);
    expect(troubles).toEqual([]);
  });

  it('stops after the first failure, and says so', async () => {
    const { engine, page } = await open();
    engine.firmware.fates.set('pump-1', 'failed');
    await file(page).fill('/tmp/orchard.mfw');
    await button(page, /^Push 1\.4\.0 to/).click();
    await page.getByText('Stopped', { exact: true }).waitFor();
    await line(page, 'pump-3').getByText('Cancelled').waitFor();
    expect(await line(page, 'pump-1').getByText('Failed').count()).toBe(1);
  });

  it('holds a hundred devices by drawing only those in sight', async () => {
    const many = Array.from({ length: 100 }, (_, i) => installed(`box-${i}`));
    const { page } = await open({ place: { name: 'push' } }, many, 2);
    await file(page).fill('/tmp/orchard.mfw');
    await page.getByLabel('At a time').fill('64');
    await button(page, 'Push 1.4.0 to 100 devices').click();
    await page.getByText(/100 of 100 devices have it/).waitFor({ timeout: 60_000 });
    expect(await page.getByRole('row').count()).toBeLessThan(60);
  }, 90_000);

  it("shows a device's versions, has it go back, and lets keys in", async () => {
    const { page, troubles } = await open({ place: { name: 'device', device: 'id-pump-1' } });
    await page.getByRole('tab', { name: 'Firmware' }).click();
    await page.getByText('orchard 1.3.2 (first place)').waitFor();
    await button(page, 'Go back to 1.3.1').click();
    await page.getByText('pump-1 restarts into orchard 1.3.1').waitFor();
    await page
      .getByRole('form', { name: 'Go back to 1.3.1?' })
      .getByRole('button', { name: 'Go back' })
      .click();
    await page.getByRole('form').waitFor({ state: 'detached' });
    await button(page, 'Withdraw …').click();
    await page.getByText('That cannot be undone on this device.').waitFor();
    await page.keyboard.press('Escape');
    await button(page, 'Push other firmware …').click();
    await page.getByRole('heading', { name: 'Push firmware' }).waitFor();
    expect(troubles).toEqual([]);
  });

  it('pushes to the devices chosen in the list', async () => {
    const { page } = await open({
      place: { name: 'overview' },
      selection: ['id-pump-1', 'id-pump-2', 'id-new'],
    });
    await button(page, 'Push firmware to 2 devices').click();
    await file(page).fill('/tmp/orchard.mfw');
    await button(page, 'Push 1.4.0 to 2 devices').waitFor();
    expect(await line(page, 'new-box').count()).toBe(0);
  });
});
