/** The drawer that takes Muster off a device, in a real browser: what it asks for only when the device asks. */
import { describe, expect, it } from 'vitest';
import { createFakeEngine } from '../../../support/fake-engine.ts';
import { bareDevice, installedDevice } from '../../../support/fake-fleet.ts';
import { FAKE_PASSWORD } from '../../../support/fake-login.ts';
import { need } from '../../../support/need.ts';
import { pageBench } from '../../../support/page-bench.ts';
import type { DeviceRecord } from '../../../../src/shared/engine-contract.ts';

describe.skipIf(!need('chromium'))('the drawer that removes Muster', () => {
  const bench = pageBench();

  async function open(more: Partial<DeviceRecord> = {}) {
    const now = Date.now();
    const device = { ...installedDevice(bareDevice('d1', 'greenhouse-1', now), now), ...more };
    const engine = createFakeEngine({ devices: [device], stepMs: 20 });
    const watched = await bench.open(engine, { place: { name: 'device', device: 'd1' } });
    const { page } = watched;
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await button('Uninstall…').click();
    await page.getByRole('heading', { name: 'Remove Muster from greenhouse-1' }).waitFor();
    return { ...watched, engine, button };
  }

  it('asks for no password where none is needed', async () => {
    const { page, engine, button, troubles } = await open();
    expect(await page.locator('input[type=password]').count()).toBe(0);
    await page.getByLabel('Delete: readings not fetched yet are lost').check();
    await button('Remove from greenhouse-1 with its readings').click();
    await page.locator('button').filter({ hasText: 'Close' }).click();
    expect(engine.devices.get('d1')?.installed).toBe(false);
    expect(troubles).toEqual([]);
  });

  it('asks for the passwords that the device wants, one after the other, and keeps what was chosen', async () => {
    const error = { code: 'AUTH_FAILED', message: 'no key is taken', details: {}, retryable: false } as const;
    const link = {
      state: 'refused',
      since: 0,
      behind: null,
      nextAttemptAt: null,
      reconnects: 0,
      error,
    } as const;
    const { page, engine, button, troubles } = await open({ link });
    const login = page.getByLabel('Password of pi on greenhouse-1');
    const sudo = page.getByLabel('Administrator (sudo) password');
    await page.getByLabel('Delete: readings not fetched yet are lost').check();
    await button('Remove from greenhouse-1 with its readings').click();
    await page.getByText('greenhouse-1 asks who you are.').waitFor();
    expect(engine.devices.get('d1')?.installed).toBe(true);

    await button('Try again').click();
    expect(await sudo.count()).toBe(0);
    expect(await page.getByLabel('Delete: readings not fetched yet are lost').isChecked()).toBe(true);
    await login.fill('wrong');
    expect(await login.getAttribute('type')).toBe('password');
    await login.press('Enter');
    await page.getByText('did not accept the password').waitFor();

    await button('Try again').click();
    await login.fill(FAKE_PASSWORD);
    await login.press('Enter');
    await button('Try again').click();
    await sudo.fill(FAKE_PASSWORD);
    await sudo.press('Enter');
    await page.locator('button').filter({ hasText: 'Close' }).click();
    expect(engine.devices.get('d1')?.installed).toBe(false);
    expect(await page.evaluate(() => localStorage.getItem('muster.ui'))).not.toContain(FAKE_PASSWORD);
    expect(troubles).toEqual([]);
  });
});
