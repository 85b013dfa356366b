/** The tab Sensors in a real browser, with a make-believe engine: chips are looked for, added, and told with what is wrong. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { MusterError } from '../../../src/shared/errors.ts';
import { createFakeEngine, type FakeEngine } from '../../support/fake-engine.ts';
import { bareDevice, installedDevice } from '../../support/fake-fleet.ts';
import { need } from '../../support/need.ts';
import { pageBench, picture } from '../../support/page-bench.ts';

const NOW = Date.now();

describe.skipIf(!need('chromium'))('the tab Sensors', () => {
  const bench = pageBench({ keep: true });
  const soon = { timeout: 10_000 };
  let engine: FakeEngine;
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    engine = createFakeEngine({ devices: [installedDevice(bareDevice('d1', 'greenhouse-1', NOW), NOW)] });
    const list = engine.handlers['channels.list'];
    engine.handlers['channels.list'] = async (input) => {
      const { channels } = await list(input);
      const [first, ...rest] = channels;
      const calibration = { scale: 1, offset: 0.4, by: 'Ada', at: '2024-05-03' };
      return { channels: first ? [{ ...first, calibration }, ...rest] : [] };
    };
    ({ page, troubles } = await bench.open(engine, {
      theme: 'light',
      place: { name: 'device', device: 'd1' },
    }));
  }, 120_000);

  const row = (place: string) => page.getByRole('listitem').filter({ hasText: place });

  it('is preceded by cards that say how a value is corrected, by whom and when', async () => {
    await expect.poll(() => page.getByText(/corrected by \+0\.4.°C, Ada, 3 May 2024/).count(), soon).toBe(1);
    await picture(page, 'card-corrected');
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
    await picture(page, 'chips-found');
  });

  it('adds what a person says it is, by a trial of the configuration', async () => {
    await page.getByLabel('What is at 0x48').selectOption('TMP105 temperature');
    await row('0x48').getByRole('button', { name: 'Add TMP105 temperature at 0x48' }).click();
    await expect.poll(() => page.getByText('once it has been read').count(), soon).toBe(1);
    await picture(page, 'chip-added');
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
    await picture(page, 'chips-on-a-bus-that-hangs');
    expect(troubles).toEqual([]);
  });
});
