/** Getting to know a Nerves device on its page: key compared, logged in, what it says, on to a push. */
import { describe, expect, it } from 'vitest';
import { createFakeEngine } from '../../support/fake-engine.ts';
import { bareDevice } from '../../support/fake-fleet.ts';
import { FAKE_PASSWORD } from '../../support/fake-login.ts';
import { need } from '../../support/need.ts';
import { pageBench } from '../../support/page-bench.ts';

describe.skipIf(!need('chromium'))('the page of a device that runs Nerves', () => {
  const bench = pageBench();

  it('compares the key before it logs in, then offers a push', async () => {
    const device = bareDevice('n1', 'nerves-9f21', Date.now(), { kind: 'nerves' });
    const engine = createFakeEngine({ devices: [device], stepMs: 20 });
    const { page, troubles } = await bench.open(engine, { place: { name: 'device', device: 'n1' } });
    const button = (name: string) => page.getByRole('button', { name });
    const logIn = page.getByRole('region', { name: 'Nerves firmware' }).locator('button[type=submit]');

    await page.getByLabel('Password', { exact: true }).last().fill('wrong');
    await logIn.click();
    await page.getByText('silver anchor meadow piano turtle four').waitFor();
    await button('This is the right box').click();
    await page.getByText('did not accept the password').waitFor();
    expect(engine.devices.get('n1')?.mine).toBe(false);

    await page.getByLabel('Password', { exact: true }).last().fill(FAKE_PASSWORD);
    await logIn.click();
    await button('This is the right box').click();
    await page.getByText('orchard 1.1.0').waitFor();
    await page.getByText('goes back by itself when new firmware does not come up').waitFor();
    await button('Push firmware …').click();
    await page.getByLabel('Firmware file on this laptop').fill('/tmp/orchard.fw');
    await page.getByText('rpi4 (Nerves)').or(page.getByText('(Nerves)')).first().waitFor();
    expect(troubles).toEqual([]);
  });
});
